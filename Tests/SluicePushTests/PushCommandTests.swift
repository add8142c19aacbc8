import ArgumentParser
import NIOCore
import SluicePush
import Testing

@Suite("The command line of sluice push")
struct PushCommandTests {
    static let url = "rtmp://host/live/show"

    @Test(
        arguments: [
            ([], "Missing expected argument '<source>'"), (["a.flv"], "Missing expected argument '<url> ...'"),
            (["a.flv", "http://host/live/show"], "must begin with rtmp:// or rtmps://"),
            (["a.flv", "rtmp://host/live"], "names no stream: write rtmp://HOST/APP/STREAM"),
            (["a.flv", url, "--loop", "0"], "give a number from 1 on, or \"forever\""),
            (["-", url, "--loop", "2"], "--loop is for files"), (["test:", url, "--loop", "2"], "--loop is for files"),
            (["-", url, "--fps", "30"], "standard input goes as it is"),
            (["a.flv", url, "--audio", "alsa:default"], "--audio goes with a device"),
            (["a.flv", url, "--json", "--quiet"], "contradict each other"),
            (["a.flv", url, "--insecure", "--ca-file", "x"], "contradict each other"),
            (["a.flv", url, "--stall-timeout", "0.9"], "give 1 to 60 seconds"),
            (["a.flv", url, "--stall-timeout", "61"], "give 1 to 60 seconds"),
            (["a.flv", url, "--fps", "241"], "give 1 to 240"),
            (["a.flv", url, "--size", "1280"], "invalid for '--size"),
            (["a.flv", url, "--size", "1281x720"], "invalid for '--size"),
            (["a.flv", url, "--keyframe-interval", "0"], "give 0.1 to 60 seconds"),
            (["a.flv", url, "--codec", "vp6"], "invalid for '--codec"),
            (["a.flv", url, "--codec", "copy", "--preset", "fast"], "--codec copy encodes nothing"),
            (["a.flv", url, "--video-bitrate", "7k"], "invalid for '--video-bitrate"),
            (["a.flv", url, "--video-bitrate", "201M"], "invalid for '--video-bitrate"),
        ] as [([String], String)])
    func mistakesAreNamed(arguments: [String], words: String) {
        do {
            _ = try PushCommand.parse(arguments)
            Issue.record("accepted")
        } catch {
            let message = PushCommand.fullMessage(for: error)
            #expect(message.contains(words), "\(message)")
            #expect(PushCommand.exitCode(for: error) == .validationFailure)
        }
    }

    @Test(
        arguments: [
            ("4.5M", 4_500_000), ("8000", 8000), ("7999", nil), ("200M", 200_000_000), ("200000001", nil),
            ("fast", nil),
        ] as [(String, Int?)])
    func bitRatesAreRead(text: String, bits: Int?) {
        #expect(BitRateText(argument: text)?.bits == bits)
    }

    @Test(
        arguments: [
            ("test:", .test), ("v4l2:/dev/video0", .video4Linux("/dev/video0")), ("x11::0.0", .x11(":0.0")),
            ("x11:", .x11(":0.0")), ("alsa:", .alsa("default")), ("alsa:hw:1,0", .alsa("hw:1,0")),
            ("https://a/b.m3u8", .address("https://a/b.m3u8")), ("show.flv", .file("show.flv")),
            ("a:b.flv", .file("a:b.flv")), ("test", .file("test")),
        ] as [(String, InputName.Kind)])
    func sourcesAreRecognised(text: String, kind: InputName.Kind) {
        #expect(InputName(text).kind == kind)
    }

    @Test func encodersGetLiveDefaults() {
        let arguments = Encoding().arguments(for: InputName("test:")).joined(separator: " ")
        for part in [
            "-f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine=", "-c:v libx264 -preset veryfast",
            "-tune zerolatency", "-b:v 2500000 -maxrate 2500000", "expr:gte(t,n_forced*2)", "-c:a aac -b:a 160000",
            "-f flv pipe:1",
        ] {
            #expect(arguments.contains(part), "\(arguments)")
        }
    }

    @Test func encoderSettingsReachTheEncoder() throws {
        let command = try PushCommand.parse([
            "v4l2:/dev/video1", Self.url, "--audio", "alsa:hw:0", "--codec", "hevc", "--size", "640x360", "--fps", "25",
            "--preset", "fast", "--video-bitrate", "1M", "--audio-bitrate", "96k", "--keyframe-interval", "1",
        ])
        let encoding = command.encoder.encoding(audioSource: command.audio.map(InputName.init))
        let arguments = encoding.arguments(for: InputName(command.source)).joined(separator: " ")
        for part in [
            "-f v4l2 -framerate 25 -video_size 640x360 -i /dev/video1", "-f alsa -i hw:0 -map 0:v -map 1:a",
            "-c:v libx265 -preset fast", "-b:v 1000000", "n_forced*1)", "-b:a 96000",
        ] {
            #expect(arguments.contains(part), "\(arguments)")
        }
        #expect(!arguments.contains(" -s "))
    }

    @Test func copyEncodesNothing() {
        var encoding = Encoding()
        encoding.codec = .copy
        let arguments = encoding.arguments(for: InputName("a b.mkv"))
        #expect(arguments.contains("file:a b.mkv"))
        #expect(arguments.joined(separator: " ").contains("-c copy -flvflags no_duration_filesize -f flv pipe:1"))
    }

    static var report: Uplink.Report {
        var report = Uplink.Report(name: "rtmp://host/live/sh\"w")
        report.state = .publishing
        report.sentBytes = 600_000
        report.sentPictures = 60
        report.queueMilliseconds = 12
        report.losses.disposable = 1
        report.losses.reference = 2
        report.losses.offline = 9
        report.reconnects = 1
        report.roundTripMicroseconds = 1250
        return report
    }

    @Test func statusIsToldInOneLine() {
        var last = Self.report
        last.sentBytes = 100_000
        last.sentPictures = 0
        let status = UplinkStatus(Self.report, after: last, interval: .seconds(2), elapsed: .seconds(3723))
        #expect(
            status.line == "1:02:03  rtmp://host/live/sh\"w  2.00 Mbit/s  30.0 fps  queue 12 ms  dropped 3  "
                + "rtt 1.3 ms  reconnects 1 (9 frames lost)")
        #expect(
            status.json.hasPrefix(
                "{\"elapsed\":3723000,\"url\":\"rtmp://host/live/sh\\\"w\",\"state\":\"publishing\",\"reason\":null,"
                    + "\"bitsPerSecond\":2000000,\"framesPerSecond\":30,\"bytesSent\":600000"))
        #expect(status.json.hasSuffix("\"reconnects\":1,\"roundTripMilliseconds\":1.25}"))
    }
}
