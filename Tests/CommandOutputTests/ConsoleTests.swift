import CommandOutput
import Glibc
import MediaTesting
import NIOCore
import PlainText
import Testing

@Suite("What commands tell")
struct ConsoleTests {
    /// To the first of so many lines, and all from there on gone. Source: ECMA-48, CPL and ED.
    static func erasing(_ lines: Int) -> String {
        "\u{1B}[\(lines)F\u{1B}[J"
    }

    @Test func linesOnATerminalAreRewritten() throws {
        let screen = try Screen(columns: 80, rows: 24)
        let console = Console(style: .terminal, error: Terminal(descriptor: screen.descriptor))
        console.progress(["one", "two"])
        #expect(try screen.text() == "one\ntwo\n")
        console.progress(["three"])
        #expect(try screen.text() == Self.erasing(2) + "three\n")
        console.notice("an event")
        #expect(try screen.text() == Self.erasing(1) + "sluice: an event\nthree\n")
        console.clear()
        #expect(try screen.text() == Self.erasing(1))
        console.clear()
        #expect(try screen.text() == "")
        console.notice("another")
        #expect(try screen.text() == "sluice: another\n")
    }

    @Test func whatIsRewrittenFitsTheTerminal() throws {
        let screen = try Screen(columns: 6, rows: 3)
        let console = Console(style: .terminal, error: Terminal(descriptor: screen.descriptor))
        console.progress(["12345", "123456", "gone"])
        #expect(try screen.text() == "12345\n12345\n")
    }

    @Test(
        arguments: [
            (.lines, "{}\nsluice: an event\n", ""), (.json, "sluice: an event\n", "{}\n"),
            (.quiet, "sluice: an event\n", ""),
        ] as [(Console.Style, String, String)])
    func linesElsewhereStay(style: Console.Style, error: String, output: String) throws {
        let errors = try Pipe()
        let outputs = try Pipe()
        let console = Console(
            style: style, error: Terminal(descriptor: errors.descriptor),
            output: Terminal(descriptor: outputs.descriptor))
        console.progress(["{}"])
        console.notice("an event")
        console.clear()
        #expect(try errors.text() == error)
        #expect(try outputs.text() == output)
    }

    @Test(
        arguments: [(.terminal, .seconds(1)), (.json, .seconds(1)), (.lines, .seconds(10))]
            as [(Console.Style, TimeAmount)])
    func linesThatStayAreRarer(style: Console.Style, interval: TimeAmount) {
        #expect(Console(style: style).interval == interval)
    }

    @Test func theLastWordComesAfterTheEnd() async throws {
        let pipe = try Pipe()
        let console = Console(style: .json, output: Terminal(descriptor: pipe.descriptor))
        let counter = Counter()
        let ticker = StatusTicker(console) {
            await counter.next()
        } lines: { moment in
            ["\(moment.report) after \(moment.last ?? 0)"]
        }
        let telling = Task {
            await ticker.run { _ in
                if await counter.isAtTwo { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await telling.value
        #expect(try pipe.text() == "1 after 0\n2 after 1\n3 after 2\n")
    }

    /// Counts the reports.
    private actor Counter {
        private var count = 0
        var isAtTwo: Bool { count == 2 }

        func next() -> Int {
            count += 1
            return count
        }
    }
}

@Suite("Terminals")
struct TerminalTests {
    @Test func sizesAreTheTerminals() throws {
        let screen = try Screen(columns: 132, rows: 50)
        let terminal = Terminal(descriptor: screen.descriptor)
        #expect(terminal.isTerminal)
        #expect(terminal.size == (132, 50))
        #expect(terminal.style.columns == 132)
    }

    @Test func pipesAreNoTerminals() throws {
        let pipe = try Pipe()
        let terminal = Terminal(descriptor: pipe.descriptor)
        #expect(!terminal.isTerminal && !terminal.canRewrite && !terminal.hasColours)
        #expect(terminal.size == (80, 24))
        #expect(terminal.style == TextStyle(columns: 80, hasColours: false))
    }

    @Test(
        arguments: [
            (nil, nil, true, true), ("xterm", "", true, true), ("xterm", "1", true, false), ("dumb", nil, false, false),
        ] as [(String?, String?, Bool, Bool)])
    func coloursAreForThoseWhoWantThem(type: String?, noColour: String?, canRewrite: Bool, hasColours: Bool) throws {
        let screen = try Screen(columns: 80, rows: 24)
        let environment = ["TERM": type, "NO_COLOR": noColour]
        let terminal = Terminal(descriptor: screen.descriptor) { environment[$0] ?? nil }
        #expect(terminal.canRewrite == canRewrite)
        #expect(terminal.hasColours == hasColours)
    }

    @Test func fullPipesAreWaitedFor() async throws {
        let pipe = try Pipe()
        try pipe.stopBlocking()
        let text = String(repeating: "0123456789abcdef", count: 1 << 14)
        let descriptor = pipe.descriptor
        let code = Task(executorPreference: BlockingExecutor()) { writeWhole(text, to: descriptor) }
        #expect(try pipe.bytes(text.utf8.count) == Array(text.utf8))
        #expect(await code.value == 0)
    }

    @Test func failuresAreTold() {
        #expect(writeWhole("x", to: -1) == EBADF)
        #expect(writeWhole("", to: -1) == 0)
    }
}
