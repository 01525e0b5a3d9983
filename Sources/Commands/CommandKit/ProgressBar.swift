/// A bar that fills up, with text on both sides: `PD:0   R:1   CD:3   F:0   │█████▋    │ 75.0% 0:00:02`.
///
/// A value: who draws it tells the width of the terminal.
public struct ProgressBar: Hashable, Sendable {
    /// How many steps there are in all.
    public var total = 0
    /// How many are done.
    public var count = 0
    /// What stands in front of the bar.
    public var before = ""
    /// What stands behind the percentage.
    public var after = ""

    public init() {}

    private static let steps = Array(" \u{258f}\u{258e}\u{258d}\u{258c}\u{258b}\u{258a}\u{2589}\u{2588}")

    /// The line for a terminal of `width` columns.
    public func text(width: Int) -> String {
        let fraction = total > 0 ? Double(count) / Double(total) : 0
        let after = Format.text("%5.1f%% ", [100 * fraction]) + self.after
        let length = max(0, width - before.count - after.count - 2)
        let filled = min(fraction, 1) * Double(length)
        var whole = Int(filled)
        var bar = String(repeating: "\u{2588}", count: whole)
        let part = Int(filled * Double(Self.steps.count)) - whole * Self.steps.count
        if part > 0, whole < length {
            bar.append(Self.steps[min(part, Self.steps.count - 1)])
            whole += 1
        }
        return "\(before)\u{2502}\(bar)\(String(repeating: " ", count: length - whole))\u{2502}\(after)"
    }

    /// A time span as the bar shows it: `0:01:02`.
    public static func clock(_ seconds: Double) -> String {
        let whole = Int32(max(0, seconds).rounded(.toNearestOrEven))
        return Format.text("%d:%02d:%02d", [whole / 3600, whole / 60 % 60, whole % 60])
    }
}
