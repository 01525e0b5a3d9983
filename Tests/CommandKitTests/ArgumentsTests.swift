import CommandKit
import Testing

@Suite("Command lines")
struct ArgumentsTests {
    private static let options: [Option] = [
        .flag("label", "l", "x"), .value("count", "c", "N", "x"), .value("setattr", "S", "ATTR", "x"),
        .optional("verbose", "v", "LEVEL", "x"), .value("config-path", nil, "PATH", "x"),
    ]

    private func command(_ manners: Command.Manners, stops: Bool = false) -> Command {
        Command("test", "", manners, operands: 0...Int.max, stopsAtOperand: stops, options: Self.options) { _ in 0 }
    }

    /// Words, what they mean: options as name=value in order of name, then operands.
    private static let readable: [(Command.Manners, Bool, String, String)] = [
        (.program, false, "a -c3 b", "count=3|a b"), (.program, false, "-c 3 --label", "count=3 label|"),
        (.program, false, "--count=3 x", "count=3|x"), (.program, false, "-lc3", "count=3 label|"),
        (.program, false, "-Sname=value", "setattr=name=value|"), (.program, false, "-S a=1 -S b=2", "setattr=b=2|"),
        (.program, false, "--conf x", "config-path=x|"), (.program, false, "-v2", "verbose=2|"),
        (.program, false, "-v x", "verbose|x"), (.program, false, "-- -c", "|-c"), (.program, false, "-c -1", "count=-1|"),
        (.program, true, "-l run -c 3", "label|run -c 3"), (.program, false, "-", "|-"),
        (.python, false, "-c=3", "count=3|"), (.python, false, "--verbose 2 x", "verbose=2|x"), (.python, false, "-5", "|-5"),
    ]

    @Test("options may be joined, abbreviated, optional and among operands", arguments: readable)
    func reads(_ manners: Command.Manners, _ stops: Bool, _ words: String, _ expected: String) throws {
        let arguments = try Arguments(words.split(separator: " ").map(String.init), for: command(manners, stops: stops))
        let options = Self.options.map(\.name).sorted().filter(arguments.has).map { name in
            arguments.value(name).map { "\(name)=\($0)" } ?? name
        }
        #expect("\(options.joined(separator: " "))|\(arguments.operands.joined(separator: " "))" == expected)
    }

    private static let refused: [(Command.Manners, String, UsageError)] = [
        (.program, "--bogus x", UsageError(.unknownOption, "--bogus")),
        (.program, "-Q", UsageError(.unknownOption, "-Q")),
        (.program, "--co 3", UsageError(.unknownOption, "--co")),
        (.program, "-c", UsageError(.message, "'-c' missing argument")),
        (.python, "--cou 3", UsageError(.unknownOption, "--cou")),
        (.python, "-c", UsageError(.usage, "argument -c/--count: expected one argument")),
        (.python, "-c -l", UsageError(.usage, "argument -c/--count: expected one argument")),
        (.python, "--label=3", UsageError(.usage, "argument -l/--label: ignored explicit argument '3'")),
    ]

    @Test("errors are those of flux-core's two kinds of programs", arguments: refused)
    func refuses(_ manners: Command.Manners, _ words: String, _ expected: UsageError) {
        #expect(throws: expected) {
            _ = try Arguments(words.split(separator: " ").map(String.init), for: command(manners))
        }
    }

    @Test("the count of operands is checked")
    func operands() {
        let command = Command("get", "", .python, usage: "[OPTIONS] KEY", operands: 1...1) { _ in 0 }
        #expect(throws: UsageError(.usage, "the following arguments are required: KEY")) { _ = try Arguments([], for: command) }
        #expect(throws: UsageError(.usage, "unrecognized arguments: b")) { _ = try Arguments(["a", "b"], for: command) }
    }

    @Test("verbosity counts letters and takes numbers")
    func verbosity() throws {
        for (words, level) in [("", 0), ("-v", 1), ("-v -v", 2), ("-vv", 2), ("-v3", 3), ("--verbose=2", 2)] {
            let arguments = try Arguments(words.split(separator: " ").map(String.init), for: command(.program))
            #expect(arguments.level("verbose") == level, "\(words)")
        }
    }
}
