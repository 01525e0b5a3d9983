/// A group of verbs that are built from declarations when one of them is called.
public protocol Family {
    /// The verb of a name, or nil when it belongs elsewhere.
    static func command(named name: String) -> Command?
    /// The names it knows.
    static var names: [String] { get }
}
