import Foundation
import Testing

/// OBS Studio publishes: `make test-obs`. It is large, and draws its pictures with the processor, so it is no part of
/// `make test`.
@Suite("OBS Studio", .serialized, .timeLimit(.minutes(6)))
struct OBSTests {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_TEST_OBS"] != nil, "make test-obs runs it"))
    func studioPublishesWithoutAScreen() async throws {
        let home = try TemporaryDirectory()
        try await withServer(configuration: "streams:\n  publisherGrace: 500ms\n") { server in
            try writeSettings(in: home, server: server.rtmp("live"), key: "studio")
            let audience = try await Audience([.ffprobeRTMP, .curl], of: "live/studio", at: server)
            let display = try Display()
            let displayName = try await display.name
            let studio = try Stranger.obs.start(
                ["--startstreaming", "--multi", "--profile", "Test", "--collection", "Test", "--minimize-to-tray"],
                environment: [
                    "DISPLAY": displayName, "HOME": home.url.path, "XDG_CONFIG_HOME": home.path("config"),
                    "XDG_RUNTIME_DIR": home.url.path, "LIBGL_ALWAYS_SOFTWARE": "1", "QT_QPA_PLATFORM": "xcb",
                ])
            let known = try await eventually(within: .seconds(60), every: .milliseconds(250)) {
                let stream = try await server.stream("live/studio")
                return stream?.gop != nil && stream?.tracks.count == 2 ? stream : nil
            }
            if known == nil { Issue.record("OBS does not publish: \(studio.errors.current.suffix(2000))") }
            #expect(known?.tracks.first?.codec == "H.264")
            #expect(known?.tracks.last?.codec == "AAC")
            await studio.crash()
            await display.close()
            let ends = await audience.expectCleanEnds()
            #expect((ends[.ffprobeRTMP]?.outputText ?? "").split(separator: "\n").count { $0.hasPrefix("video") } > 25)
            let played = try await DecodedFrames(of: audience.recording(of: .curl), isEnhanced: false)
            #expect(played.complaints.isEmpty, "\(played.complaints)")
            #expect(played.video.count > 25 && played.audio.count > 25)
        }
    }

    private func writeSettings(in home: TemporaryDirectory, server: String, key: String) throws {
        let root = "config/obs-studio"
        let profile = "\(root)/basic/profiles/Test"
        for directory in [profile, "\(root)/basic/scenes"] {
            try FileManager.default.createDirectory(
                at: home.url.appending(path: directory), withIntermediateDirectories: true)
        }
        _ = try home.write(
            """
            [General]
            FirstRun=true
            LastVersion=486539266
            InfoIncrement=-1
            [Basic]
            Profile=Test
            ProfileDir=Test
            SceneCollection=Test
            SceneCollectionFile=Test
            ConfigOnNewProfile=false
            [Video]
            Renderer=OpenGL

            """, as: "\(root)/global.ini")
        _ = try home.write(
            """
            [General]
            Name=Test
            [Video]
            BaseCX=320
            BaseCY=180
            OutputCX=320
            OutputCY=180
            FPSCommon=25
            [Output]
            Mode=Simple
            Reconnect=false
            [SimpleOutput]
            VBitrate=300
            ABitrate=64
            StreamEncoder=x264
            Preset=ultrafast
            UseAdvanced=true
            x264Settings=keyint=25 bframes=0

            """, as: "\(profile)/basic.ini")
        let service =
            #"{"settings":{"bwtest":false,"key":"\#(key)","server":"\#(server)","use_auth":false},"type":"rtmp_custom"}"#
        _ = try home.write(service, as: "\(profile)/service.json")
        let source = #"{"id":"color_source_v3","name":"Colour","settings":{"width":320,"height":180}}"#
        let item = #"{"name":"Colour","id":1,"visible":true,"pos":{"x":0,"y":0},"scale":{"x":1,"y":1}}"#
        let scene = #"{"id":"scene","name":"Scene","settings":{"id_counter":1,"items":[\#(item)]}}"#
        _ = try home.write(
            #"""
            {"current_program_scene":"Scene","current_scene":"Scene","name":"Test",
            "scene_order":[{"name":"Scene"}],"sources":[\#(source),\#(scene)]}
            """#, as: "\(root)/basic/scenes/Test.json")
    }
}

/// A virtual X display.
private struct Display {
    private let program: RunningProgram

    init() throws {
        program = try Stranger.xvfb.start(["-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp"])
    }

    /// ":99", once the display is there.
    var name: String {
        get async throws {
            let output = await program.output.value(within: .seconds(10)) { $0.contains(UInt8(ascii: "\n")) }
            let number = String(decoding: try #require(output), as: UTF8.self).trimmingCharacters(
                in: .whitespacesAndNewlines)
            return ":\(number)"
        }
    }

    func close() async {
        program.send(SIGTERM)
        _ = await program.ended(within: .seconds(5))
    }
}
