import NIOCore
import ServerConfig

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why the server cannot start, in one line that says what to do about it. The program exits with 1.
package struct StartupError: Error, Equatable, CustomStringConvertible {
    /// The line.
    package let description: String

    /// - Parameter description: one line.
    package init(_ description: String) {
        self.description = description
    }

    /// A listener that could not be opened.
    ///
    /// - Parameters:
    ///   - address: where it was to listen.
    ///   - flag: the flag that chooses another address: "--rtmp".
    ///   - error: what binding threw.
    package init(listeningAt address: ListenAddress, flag: String, error: any Error) {
        let advice = "choose another with \(flag) ADDRESS:PORT"
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE?:
            self.init("\(address) is in use by another program; stop that one, or \(advice)")
        case EACCES?, EPERM?:
            self.init("\(address) may not be used by this user: ports below 1024 are the administrator's; \(advice)")
        case EADDRNOTAVAIL?:
            self.init("\(address) is not an address of this machine; \(advice)")
        case EAFNOSUPPORT?:
            self.init("\(address) is of a kind this machine does not support; \(advice)")
        case .some, .none:
            self.init("cannot listen at \(address): \(error); \(advice)")
        }
    }
}
