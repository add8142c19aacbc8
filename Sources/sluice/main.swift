import SluiceServe

await CommandLineProgram.run()
