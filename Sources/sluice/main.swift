import SluiceCommandLine

await CommandLineProgram.run()
