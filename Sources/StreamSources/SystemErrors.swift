import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension IOError {
    /// Whether nobody listens there.
    var isRefusal: Bool { errnoCode == ECONNREFUSED }
}
