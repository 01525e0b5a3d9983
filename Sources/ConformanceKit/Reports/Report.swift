/// A way to write down a run.
public enum Report: String, CaseIterable, Sendable {
    case text, tap, junit, markdown, json

    /// The run in this form, with a newline at the end.
    public func format(_ run: Run) -> String {
        switch self {
        case .text: textReport(run)
        case .tap: tapReport(run)
        case .junit: junitReport(run)
        case .markdown: markdownReport(run)
        case .json: jsonReport(run)
        }
    }
}
