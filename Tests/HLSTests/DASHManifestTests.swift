import HLS
import NIOCore
import Testing

@Suite("ISO/IEC 23009-1, 5: DASH manifests")
struct DASHManifestTests {
    private static func template(_ name: String, timescale: Int, segments: [(Int64, Int64)]) -> SegmentTemplate {
        var template = SegmentTemplate(
            timescale: timescale, presentationTimeOffset: segments.first?.0 ?? 0, initialization: "x/\(name).mp4",
            media: "x/\(name)-$Number$.m4s", startNumber: 100)
        for (start, duration) in segments { template.append(start: start, duration: duration) }
        return template
    }

    private static func manifest(updates: Duration? = .seconds(2)) -> DASHManifest {
        let video = Representation(
            id: "v", codecs: "avc1.64001F", bandwidth: 4_000_000,
            resolution: Variant.Resolution(width: 1280, height: 720), frameRate: 30_000.0 / 1001,
            template: template(
                "video", timescale: 90_000,
                segments: [
                    (0, 360_000), (360_000, 360_000), (720_000, 360_000), (1_080_000, 363_003), (1_500_000, 9000),
                ]))
        let audio = Representation(
            id: "a", codecs: "mp4a.40.2", bandwidth: 128_000, audioSamplingRate: 48_000, channels: 2,
            template: template("audio", timescale: 48_000, segments: [(512, 192_512)]))
        return DASHManifest(
            availabilityStart: start, publishTime: start.advanced(by: .seconds(60)), minimumUpdatePeriod: updates,
            timeShiftBufferDepth: .seconds(30), suggestedPresentationDelay: .milliseconds(4500),
            maxSegmentDuration: .seconds(5), timings: [.direct(start), .httpISO("/time?a&b")],
            periods: [
                DASHManifest.Period(id: "1", start: .zero, duration: .seconds(40), adaptationSets: []),
                DASHManifest.Period(
                    id: "2", start: .seconds(40), duration: updates == nil ? .seconds(17) : nil,
                    adaptationSets: [
                        AdaptationSet(id: 1, .video, representations: [video]),
                        AdaptationSet(id: 2, .audio, language: "en", beginsWithSync: false, representations: [audio]),
                    ]),
            ])
    }

    @Test func aLiveManifestIsWrittenOut() {
        let expected = """
            <?xml version="1.0" encoding="UTF-8"?>
            <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" \
            profiles="urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019" type="dynamic" \
            availabilityStartTime="2026-11-21T12:00:00.000Z" publishTime="2026-11-21T12:01:00.000Z" \
            minimumUpdatePeriod="PT2.0S" timeShiftBufferDepth="PT30.0S" suggestedPresentationDelay="PT4.5S" \
            maxSegmentDuration="PT5.0S" minBufferTime="PT2.0S">
            <Period id="1" start="PT0.0S">
            </Period>
            <Period id="2" start="PT40.0S">
            <AdaptationSet id="1" contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1">
            <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
            <Representation id="v" codecs="avc1.64001F" bandwidth="4000000" width="1280" height="720" \
            frameRate="30000/1001">
            <SegmentTemplate timescale="90000" initialization="x/video.mp4" media="x/video-$Number$.m4s" \
            startNumber="100">
            <SegmentTimeline>
            <S t="0" d="360000" r="2"/>
            <S d="363003"/>
            <S t="1500000" d="9000"/>
            </SegmentTimeline>
            </SegmentTemplate>
            </Representation>
            </AdaptationSet>
            <AdaptationSet id="2" contentType="audio" mimeType="audio/mp4" lang="en" segmentAlignment="true">
            <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
            <Representation id="a" codecs="mp4a.40.2" bandwidth="128000" audioSamplingRate="48000">
            <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2"/>
            <SegmentTemplate timescale="48000" presentationTimeOffset="512" initialization="x/audio.mp4" \
            media="x/audio-$Number$.m4s" startNumber="100">
            <SegmentTimeline>
            <S t="512" d="192512"/>
            </SegmentTimeline>
            </SegmentTemplate>
            </Representation>
            </AdaptationSet>
            </Period>
            <UTCTiming schemeIdUri="urn:mpeg:dash:utc:direct:2014" value="2026-11-21T12:00:00.000Z"/>
            <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="/time?a&amp;b"/>
            </MPD>

            """
        #expect(text(Self.manifest().text()) == expected)
    }

    @Test func anEndedPresentationIsStaticAndTellsItsLength() {
        let ended = text(Self.manifest(updates: nil).text())
        #expect(ended.contains("type=\"static\""))
        #expect(ended.contains("mediaPresentationDuration=\"PT57.0S\""))
        #expect(ended.contains("<Period id=\"2\" start=\"PT40.0S\" duration=\"PT17.0S\">"))
        #expect(!ended.contains("minimumUpdatePeriod"))
        #expect(!ended.contains("timeShiftBufferDepth"))
    }

    @Test(arguments: [
        (30, "30"), (25, "25"), (29.97, "30000/1001"), (59.94, "60000/1001"), (23.976, "24000/1001"),
        (12.5, "12500/1000"), (29.5, "29500/1000"),
    ])
    func frameRatesAreFractions(rate: Double, written: String) {
        var manifest = Self.manifest()
        manifest.periods[1].adaptationSets[0].representations[0].frameRate = rate
        #expect(text(manifest.text()).contains("frameRate=\"\(written)\""))
    }

    @Test(arguments: [Double.nan, .infinity, 0, -1, 1e30])
    func ratesThatAreNoneAreLeftOut(rate: Double) {
        var manifest = Self.manifest()
        manifest.periods[1].adaptationSets[0].representations[0].frameRate = rate
        #expect(!text(manifest.text()).contains("frameRate"))
    }

    @Test func namesCannotBreakOutOfTheirQuotationMarks() {
        var manifest = Self.manifest()
        manifest.periods[0].id = "a\"<b>&\u{0}\n'é"
        #expect(text(manifest.text()).contains("<Period id=\"a&quot;&lt;b>&amp;'é\" "))
    }

    @Test func segmentsOfEqualLengthInARowAreOneRun() {
        let template = Self.template("v", timescale: 10, segments: [(5, 10), (15, 10), (25, 10), (36, 10), (46, 11)])
        #expect(
            template.timeline == [
                SegmentTemplate.Run(start: 5, duration: 10, repeats: 2), SegmentTemplate.Run(start: 36, duration: 10),
                SegmentTemplate.Run(start: 46, duration: 11),
            ])
    }
}
