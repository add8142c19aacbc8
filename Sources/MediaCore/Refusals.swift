/// Refusals as people read them: publishers and viewers are told these words.
extension PublishRefusal: CustomStringConvertible {
    /// A clause, such as "10.0.0.1:5000 publishes it already".
    public var description: String {
        switch self {
        case .alreadyPublished(let present): "\(present.address) publishes it already"
        case .tooManyStreams(let limit): "the server has all the \(limit) streams it may have"
        case .streamRemoved: "the stream is being removed"
        }
    }
}

extension SubscribeRefusal: CustomStringConvertible {
    /// A clause, such as "nobody publishes it".
    public var description: String {
        switch self {
        case .noSuchStream: "nobody publishes it"
        case .tooManyStreams(let limit): "players wait for \(limit) streams already, the most there may be"
        }
    }
}

extension StreamName.Flaw: CustomStringConvertible {
    /// A clause, such as "a part of the name is empty".
    public var description: String {
        switch self {
        case .emptyPart: "the application, the stream or a part between two slashes is empty"
        case .relativePart: "a part is \".\" or \"..\""
        case .unsafeCharacter: "it holds a character that is no text, or a backslash"
        case .badEncoding: "its percent-encoding is broken"
        case .tooLong: "it is longer than \(StreamName.bytesMax) bytes"
        }
    }
}
