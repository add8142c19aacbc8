// swift-tools-version: 6.2
import PackageDescription

/// What `fuzz.sh` builds: the bodies of the fuzz targets as a static library, instrumented, and linked with libFuzzer by
/// the compiler driver, since SwiftPM's executables do not link with it. The tests of the package above build the same
/// directory as a target of their own and replay what was found.
///
/// Build it with `SLUICE_LIBRARIES_ONLY=1`, so that the HTTP stack is not even resolved.
let package = Package(
    name: "fuzzing",
    platforms: [.macOS(.v15)],
    products: [.library(name: "FuzzTargets", type: .static, targets: ["FuzzTargets"])],
    dependencies: [
        .package(name: "sluice", path: ".."),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
    ],
    targets: [
        .target(
            name: "FuzzTargets",
            dependencies: [
                "RTMP", "AMF", "FLV", "Codecs", "BitStream", "MPEGTS", "ISOBMFF", "HLS", "WebSocket", "MediaCore",
                "PlainText", "StreamInspection",
            ].map {
                .product(name: $0, package: "sluice")
            } + [.product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ])
    ]
)
