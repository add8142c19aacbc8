// swift-tools-version: 6.2
import PackageDescription

/// `SLUICE_LIBRARIES_ONLY=1 swift test` builds and tests the protocol libraries and the media core alone:
/// seconds instead of minutes, because the HTTP stack is left out.
let librariesOnly = Context.environment["SLUICE_LIBRARIES_ONLY"] != nil

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

/// Asynchronous functions run where their caller does: a frame passes from a file to a socket on one thread.
let onCallersThread = settings + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

/// A library target and its tests, side by side.
func room(
    _ name: String, _ dependencies: [Target.Dependency], settings own: [SwiftSetting] = settings,
    testing: [Target.Dependency] = []
) -> [Target] {
    [
        .target(name: name, dependencies: dependencies, swiftSettings: own),
        .testTarget(
            name: "\(name)Tests", dependencies: [.target(name: name), "MediaTesting"] + dependencies + testing,
            swiftSettings: settings),
    ]
}

/// P, protocols, and M, the media core: no channels, no clock, no randomness, no Foundation.
let libraries: [Target] =
    room("BitStream", [nioCore])
    + room("Digests", [])
    + room("Codecs", ["BitStream", nioCore])
    + room("AMF", [nioCore])
    + room("FLV", ["AMF", "Codecs", nioCore])
    + room("RTMP", ["AMF", "FLV", "Codecs", "Digests", nioCore])
    + room("MPEGTS", ["BitStream", "Codecs", nioCore])
    + room("ISOBMFF", ["BitStream", "Codecs", nioCore])
    + room("HLS", ["Codecs", nioCore])
    + room("WebSocket", ["Digests", nioCore])
    + room("MediaCore", ["FLV", "AMF", "Codecs", nioCore])
    + room("StreamAnatomy", ["Codecs", "MediaCore", nioCore])
    + room("PlainText", [])
    + room(
        "StreamInspection",
        ["PlainText", "RTMP", "FLV", "ISOBMFF", "MPEGTS", "HLS", "Codecs", "StreamAnatomy", "MediaCore", nioCore])
    + [.target(name: "MediaTesting", dependencies: [nioCore], swiftSettings: settings)]

/// What commands say, and the terminal that it goes to.
let telling: [Target] =
    room("CommandOutput", ["PlainText", "MediaCore", nioCore], settings: onCallersThread)

/// The other half: what publishes and plays.
let client: [Target] =
    room(
        "RTMPClient",
        [
            "RTMP", "FLV", nioCore, nioPosix, .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
        ], settings: onCallersThread, testing: ["ClientTesting"])
    + [
        // A server, and a network that fails, for the tests of clients.
        .target(
            name: "ClientTesting",
            dependencies: [
                "RTMP", "FLV", nioCore, nioPosix, .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ], swiftSettings: settings)
    ]
    + room(
        "MediaFiles", ["FLV", "Codecs", "ISOBMFF", "MPEGTS", nioCore, nioPosix], settings: onCallersThread)
    + room(
        "SluiceProbe",
        [
            "CommandOutput", "PlainText", "StreamInspection", "StreamSources", "RTMPClient", "MediaFiles", "ISOBMFF",
            "HLS", "RTMP", nioCore, nioPosix,
            .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], settings: onCallersThread, testing: ["Codecs", "FLV", "ClientTesting"])
    + room(
        "SluicePush",
        [
            "CommandOutput", "PlainText", "RTMPClient", "MediaFiles", "RTMP", "FLV", "Codecs", nioCore, nioPosix,
            .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            .product(name: "Subprocess", package: "swift-subprocess"),
            .product(name: "SystemPackage", package: "swift-system"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], settings: onCallersThread, testing: ["ClientTesting"])

/// What loads a server and measures it.
let load: [Target] =
    [.target(name: "CEpoll")]
    + [
        .target(
            name: "LoadGeneration",
            dependencies: [
                "CEpoll", "RTMP", "FLV", "AMF", "BitStream", "HLS", "WebSocket", "MediaCore", nioCore, nioPosix,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "LoadGenerationTests",
            dependencies: [
                "LoadGeneration", "RTMP", "FLV", "AMF", "Codecs", "ISOBMFF", "MPEGTS", "HLS", "MediaTesting", nioCore,
            ],
            swiftSettings: settings),
    ]
    + room(
        "SluiceBench",
        [
            "CommandOutput", "PlainText", "LoadGeneration", "MediaCore", nioCore,
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ])

/// Live streams of any protocol, for the commands that read them.
let reading: [Target] =
    room(
        "StreamSources",
        [
            "RTMPClient", "MediaFiles", "WebSocket", "HLS", "RTMP", "FLV", "Codecs", nioCore, nioPosix,
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
        ], settings: onCallersThread)
    + room(
        "SluicePull",
        [
            "CommandOutput", "PlainText", "StreamSources", "RTMPClient", "MediaFiles", "ISOBMFF", "MPEGTS", "FLV",
            "AMF", "Codecs", nioCore, nioPosix,
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], settings: onCallersThread)
    + room(
        "SluicePlay",
        [
            "CommandOutput", "StreamSources", "SluicePull", "RTMPClient", "FLV", "Codecs", nioCore, nioPosix,
            .product(name: "Subprocess", package: "swift-subprocess"),
            .product(name: "SystemPackage", package: "swift-system"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], settings: onCallersThread)

/// F, fan-out; T, transports; S, composition.
let server: [Target] =
    room("FanOut", ["MediaCore", nioCore, nioPosix, logging])
    + room(
        "TransportSecurity", ["Digests", "MediaCore", nioCore, .product(name: "NIOSSL", package: "swift-nio-ssl")])
    + room("RTMPTransport", ["RTMP", "FLV", "AMF", "MediaCore", "FanOut", nioCore, nioPosix, logging])
    + room(
        "HTTPTransport",
        [
            "FLV", "ISOBMFF", "MPEGTS", "Codecs", "WebSocket", "MediaCore", "FanOut", "TransportSecurity",
            "CZlib", nioCore, nioPosix, logging,
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOHTTP2", package: "swift-nio-http2"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOTLS", package: "swift-nio"),
            .product(name: "NIOHPACK", package: "swift-nio-http2"),
            .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "HummingbirdCore", package: "hummingbird"),
        ])
    + room(
        "HLSTransport",
        [
            "HLS", "MPEGTS", "ISOBMFF", "Codecs", "MediaCore", nioCore, nioPosix, logging,
            .product(name: "HTTPTypes", package: "swift-http-types"),
        ])
    + room(
        "ControlAPI",
        [
            "Codecs", "StreamAnatomy", "MediaCore", "CPage", nioCore,
            .product(name: "Hummingbird", package: "hummingbird"),
        ])
    + room("ServerConfig", [.product(name: "Yams", package: "Yams")])
    + telling
    + client
    + reading
    + room(
        "SluiceServe",
        [
            "CommandOutput", "PlainText", "ServerConfig", "RTMPTransport", "HTTPTransport", "HLSTransport",
            "TransportSecurity", "ControlAPI", "FanOut", "MediaCore", "RTMPClient", "RTMP", "FLV", "Codecs",
            "CDemoClip", nioCore, nioPosix, logging,
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ])
    + load
    + room(
        "SluiceCommandLine",
        [
            "CommandOutput", "SluiceServe", "SluicePush", "SluicePull", "SluicePlay", "SluiceProbe", "SluiceBench",
            "ServerConfig", nioCore,
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ])
    + [
        .executableTarget(
            name: "PublishFile", dependencies: ["RTMPClient", "MediaFiles", "RTMP", "FLV"],
            path: "Examples/PublishFile",
            swiftSettings: settings),
        .executableTarget(
            name: "CountFrames", dependencies: ["RTMPClient", "RTMP", "FLV"], path: "Examples/CountFrames",
            swiftSettings: settings),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CDemoClip", exclude: ["demo.flv"]),
        .target(name: "CPage", exclude: ["page"]),
        .executableTarget(name: "sluice", dependencies: ["SluiceCommandLine"], swiftSettings: settings),
        .testTarget(
            name: "EndToEnd", dependencies: ["sluice", "MediaTesting", "ClientTesting"], swiftSettings: settings),
        // What `make fuzz` runs, so that the tests replay what it found.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "RTMP", "AMF", "FLV", "Codecs", "BitStream", "MPEGTS", "ISOBMFF", "HLS", "WebSocket", "MediaCore",
                "PlainText", "StreamInspection", nioCore,
            ],
            path: "Fuzzing/Sources/FuzzTargets", swiftSettings: settings),
        .testTarget(name: "FuzzReplayTests", dependencies: ["FuzzTargets"], swiftSettings: settings),
    ]

let package = Package(
    name: "sluice",
    platforms: [.macOS(.v15)],
    products: [
        "BitStream", "Codecs", "AMF", "FLV", "RTMP", "MPEGTS", "ISOBMFF", "HLS", "WebSocket", "MediaCore",
        "StreamAnatomy",
    ].map {
        .library(name: $0, targets: [$0])
    }
        + (librariesOnly
            // What the fuzz targets need besides.
            ? ["PlainText", "StreamInspection"].map { .library(name: $0, targets: [$0]) }
            : ["FanOut", "RTMPTransport", "HTTPTransport", "HLSTransport", "RTMPClient", "MediaFiles"].map {
                .library(name: $0, targets: [$0])
            }
                + [.executable(name: "sluice", targets: ["sluice"])]),
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0")
    ]
        + (librariesOnly
            ? []
            : [
                .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.0"),
                .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
                .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
                .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
                .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
                .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
                .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0", traits: []),
                .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
                .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.0"),
                .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.0", traits: []),
                .package(url: "https://github.com/apple/swift-system.git", from: "1.8.0"),
            ]),
    targets: libraries + (librariesOnly ? [] : server)
)
