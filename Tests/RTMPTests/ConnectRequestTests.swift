import AMF
import Codecs
import RTMP
import Testing

@Suite("connect, RTMP 1.0, 7.2.1.1, and Enhanced RTMP v2")
struct ConnectRequestTests {
    /// What OBS 30 sends, shortened.
    static let obs = Command(
        .connect, transactionID: 1,
        commandObject: .object([
            "app": .string("live"), "type": .string("nonprivate"),
            "flashVer": .string("FMLE/3.0 (compatible; FMSc/1.0)"), "swfUrl": .string("rtmp://host/live"),
            "tcUrl": .string("rtmp://host/live"),
            "fourCcList": .strictArray([.string("av01"), .string("hvc1")]),
        ]))

    @Test func connectOfAnEncoderIsUnderstood() throws {
        let request = try ConnectRequest(Self.obs)
        #expect(request.app == "live")
        #expect(request.tcURL == "rtmp://host/live" && request.swfURL == request.tcURL && request.pageURL.isEmpty)
        #expect(request.flashVersion == "FMLE/3.0 (compatible; FMSc/1.0)")
        #expect(request.objectEncoding == 0)
        #expect(request.properties == ["type": .string("nonprivate")])
        #expect(request.capabilities == EnhancedCapabilities(fourCCs: ["av01", "hvc1"]))
        #expect(request.command == Self.obs)
    }

    @Test func everythingEnhancedIsReadBack() throws {
        let capabilities = EnhancedCapabilities(
            fourCCs: ["*"], videoCodecs: [.init(codec: "hvc1", use: [.decode, .encode])],
            audioCodecs: [.init(codec: "*", use: .forward)], features: .all)
        let request = ConnectRequest(
            app: "a", pageURL: "http://p", objectEncoding: 3, capabilities: capabilities, arguments: [.string("secret")]
        )
        #expect(try ConnectRequest(request.command) == request)
        #expect(capabilities.object["capsEx"] == .number(15))
    }

    @Test func capabilitiesOfOtherTypesCountAsNothing() {
        let object: AMF0Object = [
            "fourCcList": .string("av01"), "videoFourCcInfoMap": .number(1), "capsEx": .number(-1),
            "audioFourCcInfoMap": .object(["Opus": .string("x"), "fLaC": .number(.infinity)]),
        ]
        let capabilities = EnhancedCapabilities(object)
        #expect(capabilities.fourCCs.isEmpty && capabilities.videoCodecs.isEmpty && capabilities.features.isEmpty)
        #expect(capabilities.audioCodecs.map(\.use) == [[], []])
    }

    @Test func codecIsFoundHoweverItWasNamed() {
        #expect(EnhancedCapabilities(fourCCs: ["hvc1"]).includes(.hvc1))
        #expect(EnhancedCapabilities(fourCCs: ["*"]).includes(.av01))
        #expect(EnhancedCapabilities(audioCodecs: [.init(codec: "Opus", use: .decode)]).includes(.opus))
        #expect(!EnhancedCapabilities(fourCCs: ["hvc1"]).includes(.av01))
    }

    @Test(arguments: [.null, .string("live"), .number(1)] as [AMF0Value])
    func connectWithoutAnObjectIsMalformed(object: AMF0Value) {
        #expect(throws: RTMPError.self) {
            try ConnectRequest(Command(.connect, transactionID: 1, commandObject: object))
        }
    }
}
