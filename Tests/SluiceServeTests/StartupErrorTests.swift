import NIOCore
import ServerConfig
import SluiceServe
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Listeners that cannot be opened")
struct StartupErrorTests {
    @Test(arguments: [
        (EADDRINUSE, "is in use by another program"), (EACCES, "may not be used by this user"),
        (EADDRNOTAVAIL, "is not an address of this machine"), (EAFNOSUPPORT, "is of a kind"), (EMFILE, "cannot listen"),
    ])
    func reasonAndAdviceAreOneLine(code: Int32, words: String) {
        let error = StartupError(
            listeningAt: ListenAddress(host: "0.0.0.0", port: 1935), flag: "--rtmp",
            error: IOError(errnoCode: code, reason: "bind"))
        #expect(error.description.contains("0.0.0.0:1935"))
        #expect(error.description.contains(words))
        #expect(error.description.hasSuffix("--rtmp ADDRESS:PORT"))
        #expect(!error.description.contains("\n"))
    }
}
