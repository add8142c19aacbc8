/// Why bytes are not an ISO base media file, or not one that we take.
public struct ISOBMFFError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of fault.
    public enum Code: Sendable, Hashable {
        /// A box is smaller than its own header, reaches beyond its container, or never ends.
        case badBoxSize
        /// A box is larger than the limit for its kind; see ``ISOBMFFLimits``.
        case boxTooLarge
        /// Boxes lie deeper inside each other than ``ISOBMFFLimits/depthMax``.
        case tooDeep
        /// A box holds more boxes than ``ISOBMFFLimits/boxesPerContainerMax``.
        case tooManyBoxes
        /// A movie has more tracks than ``ISOBMFFLimits/tracksMax``.
        case tooManyTracks
        /// A fragment or a track claims more samples than its limit.
        case tooManySamples
        /// A box ends inside a field.
        case truncatedBox
        /// A box that must be there is not.
        case missingBox
        /// A field has a value that the specification does not allow.
        case malformed
        /// A feature of the format that this library does not interpret.
        case unsupported
        /// A fragment is for a track that the init segment does not have, or there was no init segment.
        case unknownTrack
        /// A sample's bytes are not where its fragment says.
        case sampleOutOfBounds
    }

    /// How far the damage goes.
    public enum Damage: Sendable, Hashable {
        /// This box with all that is in it, for instance one fragment; a ``FragmentReader`` can go on behind it.
        case box
        /// The reader's place in the byte stream is lost: close it.
        case stream
    }

    /// The kind of fault.
    public var code: Code
    /// What was found, for the log.
    public var detail: String

    /// Makes an error; see the properties.
    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// How far the damage goes, when a ``FragmentReader`` throws the error.
    public var damage: Damage {
        switch code {
        case .badBoxSize, .boxTooLarge: .stream
        case .tooDeep, .tooManyBoxes, .tooManyTracks, .tooManySamples, .truncatedBox, .missingBox, .malformed,
            .unsupported, .unknownTrack, .sampleOutOfBounds:
            .box
        }
    }

    /// The code and the detail.
    public var description: String {
        "\(code): \(detail)"
    }
}

/// What a peer can make this library hold or do at most.
public struct ISOBMFFLimits: Sendable, Equatable {
    /// The longest media data box in bytes that a ``FragmentReader`` waits for: ten seconds at 50 Mbit/s.
    public var mediaBytesMax: Int
    /// The longest movie box in bytes. Ten hours of video and audio in an unfragmented file have 20 MB of tables.
    public var movieBytesMax: Int
    /// The longest of all other boxes that are interpreted, in bytes: a fragment of 10 000 samples has 160 KB.
    public var boxBytesMax: Int
    /// The deepest nesting of boxes. What this library interprets lies at most 8 deep.
    public var depthMax: Int
    /// The most boxes directly in one box. The fullest in use is a movie, with a few boxes and one for each track.
    public var boxesPerContainerMax: Int
    /// The most tracks of a movie. A broadcast with many languages has 40.
    public var tracksMax: Int
    /// The most samples of a fragment, all tracks together: ten minutes of video and audio.
    public var samplesPerFragmentMax: Int
    /// The most samples of a track in an unfragmented file: four days of AAC.
    public var samplesPerTrackMax: Int

    /// Makes limits; see the properties.
    public init(
        mediaBytesMax: Int = 64 << 20, movieBytesMax: Int = 64 << 20, boxBytesMax: Int = 4 << 20, depthMax: Int = 16,
        boxesPerContainerMax: Int = 1024, tracksMax: Int = 128, samplesPerFragmentMax: Int = 1 << 16,
        samplesPerTrackMax: Int = 1 << 24
    ) {
        self.mediaBytesMax = mediaBytesMax
        self.movieBytesMax = movieBytesMax
        self.boxBytesMax = boxBytesMax
        self.depthMax = depthMax
        self.boxesPerContainerMax = boxesPerContainerMax
        self.tracksMax = tracksMax
        self.samplesPerFragmentMax = samplesPerFragmentMax
        self.samplesPerTrackMax = samplesPerTrackMax
    }
}
