/// The four spellings of a state or result: `DEPEND`, `depend`, `D`, `d`.
public enum NameStyle: String, Hashable, Sendable, CaseIterable {
    case longUpper = "L"
    case longLower = "l"
    case shortUpper = "S"
    case shortLower = "s"

    /// What is printed for a number without name.
    public var unknown: String {
        switch self {
        case .longUpper, .longLower: "(unknown)"
        case .shortUpper, .shortLower: "?"
        }
    }

    /// All spellings are made from the two upper case ones.
    func spelling(long: String, short: String) -> String {
        switch self {
        case .longUpper: long
        case .longLower: long.lowercased()
        case .shortUpper: short
        case .shortLower: short.lowercased()
        }
    }
}
