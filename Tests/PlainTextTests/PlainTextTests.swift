import PlainText
import Testing

@Suite("Numbers for people")
struct NumberTextTests {
    @Test(
        arguments: [
            (-0.04, 1, "0.0"), (-1.25, 1, "-1.3"), (0.005, 2, "0.01"), (.nan, 2, "–"), (-.infinity, 0, "–"),
            (1e20, 2, "1e+20"), (-12, 0, "-12"),
        ] as [(Double, Int, String)])
    func digitsAreRounded(number: Double, digits: Int, text: String) {
        #expect(NumberText.decimal(number, digits: digits) == text)
    }

    @Test(
        arguments: [
            (29.97, 3, "29.97"), (30, 3, "30"), (0.0004, 3, "0"), (-1.5, 2, "-1.5"), (-0.25, 1, "-0.3"),
            (1.5e30, 2, "1.5e+30"), (100, 0, "100"),
        ] as [(Double, Int, String)])
    func zerosAtTheEndAreLeftOut(number: Double, digits: Int, text: String) {
        #expect(NumberText.short(number, digits: digits) == text)
    }

    @Test(
        arguments: [
            (0, "0"), (0.0049, "0"), (0.005, "0.01"), (1, "1.00"), (9.99, "9.99"), (9.996, "10.0"), (99.96, "100"),
            (-12.34, "-12.3"), (1234, "1234"),
        ] as [(Double, String)])
    func threeDigitsMatter(number: Double, text: String) {
        #expect(NumberText.significant(number) == text)
    }

    @Test(
        arguments: [
            (0, "0 kbit/s"), (64_000, "64.0 kbit/s"), (999_400, "999 kbit/s"), (999_600, "1.00 Mbit/s"),
            (2_510_000, "2.51 Mbit/s"), (1.25e9, "1.25 Gbit/s"), (2e12, "2000 Gbit/s"),
        ] as [(Double, String)])
    func bitRatesHaveTheirUnit(bits: Double, text: String) {
        #expect(NumberText.bitRate(bits) == text)
    }

    @Test(
        arguments: [
            (0, "0 bytes"), (999, "999 bytes"), (1000, "1.00 kB"), (-5800, "-5.80 kB"), (20_580_000, "20.6 MB"),
            (999_600_000, "1.00 GB"), (3_000_000_000_000, "3.00 TB"),
        ])
    func bytesHaveTheirUnit(count: Int, text: String) {
        #expect(NumberText.bytes(count) == text)
    }

    @Test(
        arguments: [
            (nil, "–"), (0, "0 ms"), (0.0123, "0.01 ms"), (1.234, "1.23 ms"), (-12.34, "-12.3 ms"), (999.4, "999 ms"),
            (999.6, "1.000 s"), (1234, "1.234 s"),
        ] as [(Double?, String)])
    func timesAreMillisecondsBelowASecond(milliseconds: Double?, text: String) {
        #expect(NumberText.time(milliseconds: milliseconds) == text)
    }

    @Test(arguments: [(0, "0:00:00"), (59, "0:00:59"), (3723, "1:02:03"), (360_000, "100:00:00")] as [(Int64, String)])
    func clocksHaveHours(seconds: Int64, text: String) {
        #expect(NumberText.clock(seconds) == text)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1\u{202F}000"), (-1_234_567, "-1\u{202F}234\u{202F}567")])
    func countsAreGrouped(number: Int, text: String) {
        #expect(NumberText.count(number) == text)
    }
}

@Suite("Quantities on a command line")
struct QuantityTests {
    @Test(
        arguments: [
            ("2500k", 2_500_000), ("4M", 4_000_000), ("4.5m", 4_500_000), ("2G", 2_000_000_000), ("8000", 8000),
            ("7999", nil), ("2000000001", nil), ("-4M", nil), ("fast", nil), ("", nil), ("k", nil), ("4MM", nil),
            ("nanM", nil), ("inf", nil), ("1e400k", nil),
        ] as [(String, Int?)])
    func lettersMultiply(text: String, number: Int?) {
        #expect(Quantity.parse(text, in: 8000...2_000_000_000) == number)
    }

    @Test(
        arguments: [
            (0, "0"), (999, "999"), (800_000, "800k"), (1_000_000, "1M"), (1_500_000, "1.5M"), (2_000_000_000, "2G"),
            (1_000_001, "1.000001M"),
        ])
    func whatIsWrittenIsRead(number: Int, text: String) {
        #expect(Quantity.text(number) == text)
        #expect(Quantity.parse(text, in: 0...Int.max) == number)
    }
}

@Suite("JSON. Specification: RFC 8259")
struct JSONValueTests {
    @Test(arguments: [
        (JSONValue.string("a\"\\\n/é"), #""a\"\\\n/é""#),
        (.string("\u{1}\u{1F}\u{7F}\u{9B}"), #""\u0001\u001f\u007f\u009b""#),
        (.decimal(0.5, digits: 6), "0.5"), (.decimal(10, digits: 3), "10"), (.decimal(nil, digits: 1), "null"),
        (.decimal(.nan, digits: 1), "null"), (.decimal(.infinity, digits: 1), "null"),
        (.decimal(1e300, digits: 6), "1e+300"), (.array([.integer(-1), .bool(true), .null]), "[-1,true,null]"),
        (.members(["b": .integer(1), "a\n": .null, "c": nil]), #"{"b":1,"a\n":null}"#), (.object([]), "{}"),
    ])
    func valuesAreOnOneLine(value: JSONValue, text: String) {
        #expect(value.text == text)
    }
}

@Suite("Lines for a terminal")
struct LineTests {
    @Test func columnsAreAsWideAsTheyNeedToBe() {
        var table = TextTable()
        #expect(table.lines == [])
        table.add(["", "RTMP", "é"])
        table.add(["latency", "5", "12.5"])
        table.add(["–"])
        #expect(table.lines == ["           RTMP     é", "  latency     5  12.5", "  –      "])
    }

    @Test(arguments: [(0, "abc", "abc"), (3, "abc", "abc"), (5, "abc  ", "  abc")])
    func textsAreFilledWithSpaces(width: Int, padded: String, aligned: String) {
        #expect("abc".padded(to: width) == padded)
        #expect("abc".aligned(to: width) == aligned)
    }

    @Test func coloursComeWhenAsked() {
        #expect(TextStyle().paint("x", .red) == "x")
        #expect(TextStyle(hasColours: true).paint("x", .red) == "\u{1B}[31mx\u{1B}[0m")
        #expect(TextStyle(hasColours: true).paint("", .red) == "")
    }

    @Test(arguments: [(0, 40), (40, 40), (400, 400), (401, 400)])
    func widthsAreWithinReason(columns: Int, taken: Int) {
        #expect(TextStyle(columns: columns).columns == taken)
    }

    @Test(arguments: [(40, String(repeating: "x", count: 40)), (41, String(repeating: "x", count: 39) + "…")])
    func longTextsAreCut(count: Int, text: String) {
        #expect(TextStyle(columns: 40).cut(String(repeating: "x", count: count)) == text)
    }

    @Test func linesBreakBetweenParts() {
        let words = ["seventeen letters", "", "seventeen letters", "more"]
        let lines = TextStyle(columns: 40).wrap(words, first: "- ", further: "  ")
        #expect(lines == ["- seventeen letters  seventeen letters", "  more"])
    }
}
