/// A verb of `flux`, or a group of them: what it is called, what it takes, and what it does.
///
/// ```swift
/// let getattr = Command("getattr", "Print the value of a broker attribute", usage: "NAME", operands: 1...1) {
///     arguments in
///     try Session.run(arguments) { flux in
///         print(try await flux.attribute(arguments.operands[0]))
///         return 0
///     }
/// }
/// ```
public struct Command: Sendable {
    /// The two sets of manners that scripts know from flux-core: its programs in C and those in Python.
    public enum Manners: Hashable, Sendable {
        /// Built into `flux`: messages of the parser name `flux NAME`, usage errors exit with 1.
        case builtin
        /// A program of its own: `flux-NAME`, usage errors exit with 1.
        case program
        /// `flux-NAME: ERROR: …`; usage errors exit with 2, long options cannot be abbreviated.
        case python
    }

    public let name: String
    public let abstract: String
    /// What stands behind the name in the usage line.
    public let usage: String
    public let manners: Manners
    public let options: [Option]
    /// How many operands it takes.
    public let operands: ClosedRange<Int>
    /// Whether the first operand ends the options: what follows belongs to a program.
    public let stopsAtOperand: Bool
    /// Whether words go to ``action`` as they are, because another parser reads them.
    public let readsOwnWords: Bool
    public let subcommands: [Command]
    /// What help shows behind the options.
    public let epilog: String
    public let action: @Sendable (Arguments) throws -> Int32

    /// A verb.
    ///
    /// - Parameter action: gives the exit status.
    public init(
        _ name: String, _ abstract: String, _ manners: Manners = .program, usage: String = "[OPTIONS]",
        operands: ClosedRange<Int> = 0...0, stopsAtOperand: Bool = false, readsOwnWords: Bool = false,
        epilog: String = "", options: [Option] = [], _ action: @escaping @Sendable (Arguments) throws -> Int32
    ) {
        self.name = name
        self.abstract = abstract
        self.usage = usage
        self.manners = manners
        self.options = options
        self.operands = operands
        self.stopsAtOperand = stopsAtOperand
        self.readsOwnWords = readsOwnWords
        self.subcommands = []
        self.epilog = epilog
        self.action = action
    }

    /// A group of verbs; its options stand before the name of the verb.
    public init(
        _ name: String, _ abstract: String, _ manners: Manners = .program, options: [Option] = [],
        subcommands: [Command]
    ) {
        self.name = name
        self.abstract = abstract
        self.usage = "[OPTIONS] COMMAND ARGS"
        self.manners = manners
        self.options = options
        self.operands = 0...Int.max
        self.stopsAtOperand = true
        self.readsOwnWords = false
        self.subcommands = subcommands
        self.epilog = ""
        self.action = { _ in 1 }
    }

    /// What stands in front of messages: `flux-kvs` for every verb of `flux kvs`.
    func program(below parent: String?) -> String { "flux-\(parent ?? name)" }

    /// What usage lines begin with: `flux getattr`, `flux-kvs get`.
    func title(below parent: String?) -> String {
        let names = parent.map { "\($0) \(name)" } ?? name
        return manners == .builtin ? "flux \(names)" : "flux-\(names)"
    }
}
