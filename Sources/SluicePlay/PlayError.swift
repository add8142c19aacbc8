/// Why a stream cannot be shown, with what to do about it, in one line. The program exits with 1.
package struct PlayError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The line.
    package let description: String

    /// - Parameter description: one line.
    package init(_ description: String) {
        self.description = description
    }
}
