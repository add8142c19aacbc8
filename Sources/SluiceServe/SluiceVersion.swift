/// The version of this program.
package enum SluiceVersion {
    /// As the changelog names it.
    package static let current = "0.1.0"
}
