// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Micro-benchmarks of what the server does for each byte, message, frame and viewer. A timing loop of our own instead of a
/// benchmark library: it counts allocations on this platform, and one table is all that is wanted.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "sluice", path: ".."),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
    ],
    targets: [
        // Takes malloc's place in the program, so that it can count; and reads what viewers are sent.
        .target(name: "CBenchmarkSupport"),
        .executableTarget(
            name: "Benchmarks",
            dependencies: ["RTMP", "AMF", "FLV", "Codecs", "MediaCore", "FanOut", "RTMPTransport"].map {
                .product(name: $0, package: "sluice")
            } + [
                "CBenchmarkSupport", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
    ]
)
