import SluicePull
import Testing

@Suite("Names of files")
struct FileNamesTests {
    /// 2026-11-21, somewhere on Earth.
    private static let noon = 1_795_262_400

    @Test(arguments: [
        ("a.mp4", false, 1, "a.mp4"), ("a.mp4", false, 2, "a-2.mp4"), ("a.mp4", true, 1, "a-001.mp4"),
        ("dir.d/a", true, 12, "dir.d/a-012"), (".hidden", true, 1, ".hidden-001"), ("a-%d.flv", true, 7, "a-7.flv"),
        ("a-%05d.flv", true, 1234, "a-01234.flv"), ("100%%.ts", false, 1, "100%.ts"),
        ("100%%.ts", true, 3, "100%-003.ts"),
        ("a-%Y.mp4", true, 1, "a-2026.mp4"), ("%Y/%m-%02d.mp4", true, 3, "2026/11-03.mp4"), ("a%", false, 1, "a%"),
        ("a-%999999999d.ts", true, 1, "a-000000000001.ts"),
    ])
    func numbersAndTimesAreFilledIn(pattern: String, isSplit: Bool, number: Int, expected: String) {
        #expect(FileNames(pattern, isSplit: isSplit).name(number, at: Self.noon) == expected)
    }

    @Test(arguments: [("a.flv", RecordingFormat.flv), ("b.MP4", .mp4), ("c.d/e.ts", .ts)])
    func formatIsTheExtensions(name: String, format: RecordingFormat) {
        #expect(RecordingFormat(fileName: name) == format)
    }

    @Test(arguments: ["a", "a.mkv", "dir.ts/a", "-"])
    func otherNamesTellNoFormat(name: String) {
        #expect(RecordingFormat(fileName: name) == nil)
    }
}
