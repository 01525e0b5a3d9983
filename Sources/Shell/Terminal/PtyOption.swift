internal import FluxJSON
internal import RFC22Idset

/// The option `pty`: which tasks get a terminal and what happens to what they write there.
struct PtyOption: Hashable {
    /// Tasks with a terminal; nil stands for all.
    var ranks: Idset?
    /// What is written to the terminal goes to standard output as well.
    var isCaptured = true
    /// Task 0 waits for a client.
    var isInteractive = false

    /// nil when the option is not there.
    init?(_ option: JSON?) throws(ShellExit) {
        guard let option, option != .null, option != .bool(false), option != .int(0) else { return nil }
        guard let object = option.objectValue else { return }
        for key in object.keys where !["ranks", "capture", "interactive"].contains(key) {
            throw ShellExit(1, "invalid shell pty option: unknown member \(key)", component: "pty")
        }
        isInteractive = Self.flag(object["interactive"]) ?? false
        isCaptured = Self.flag(object["capture"]) ?? !isInteractive
        switch object["ranks"] {
        case nil: ranks = isInteractive ? [0] : nil
        case .int(let rank)?: ranks = [UInt32(clamping: rank)]
        case .string("all")?: ranks = nil
        case .string(let text)?:
            guard let set = try? Idset(parsing: text) else {
                throw ShellExit(1, "invalid shell pty option: ranks is no idset: \(text)", component: "pty")
            }
            ranks = set
        default: throw ShellExit(1, "invalid shell pty option: ranks is neither idset nor number", component: "pty")
        }
    }

    private static func flag(_ value: JSON?) -> Bool? {
        switch value {
        case .int(let number)?: number != 0
        case .bool(let flag)?: flag
        default: nil
        }
    }

    /// Whether a task has a terminal; an interactive job's first task always has.
    func includes(_ rank: Int) -> Bool {
        (isInteractive && rank == 0) || ranks?.contains(UInt32(clamping: rank)) ?? true
    }

    /// Whether the first task had to be added to what the user asked for.
    var addsFirstTask: Bool { isInteractive && ranks.map { !$0.contains(0) } ?? false }
}
