/// Why a certificate cannot be used: a line for the operator.
public struct TLSProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The line, without a full stop.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
