extension YAML {
    /// Why a text is not a YAML document that JSON can hold, and where.
    public struct ParseError: Error, Hashable, Sendable {
        /// What is wrong.
        public enum Reason: Hashable, Sendable {
            /// Not YAML; the text is libyaml's.
            case syntax(String)
            /// A tab separates two tokens.
            case tabBetweenTokens
            /// A second document follows.
            case severalDocuments
            /// Sequences and mappings are nested deeper than this.
            case tooDeep(limit: Int)
            /// Aliases blow the document up by more values than this.
            case tooManyAliases(limit: Int)
            /// An alias names an anchor that is not defined, or not complete yet.
            case undefinedAlias(String)
            /// An anchor is defined twice.
            case duplicateAnchor(String)
            /// A tag that stands for no type here.
            case unknownTag(String)
            /// A scalar is not of the type that its tag says, or cannot be one.
            case invalidScalar(String, type: String)
            /// A sequence or mapping has the tag of another type.
            case wrongCollection(tag: String)
            /// A merge key whose value is not a mapping or a sequence of mappings.
            case invalidMerge
            /// A key of a mapping is itself a sequence or mapping.
            case keyIsCollection
            /// A value that JSON cannot write, named by its type.
            case notRepresentable(String)
        }

        /// What is wrong, to switch on.
        public let reason: Reason
        /// Line of the problem, from 1.
        public let line: Int
        /// Column of the problem in characters, from 1.
        public let column: Int
    }
}

extension YAML.ParseError: CustomStringConvertible {
    /// One sentence for people: `line 3, column 7: found unknown escape character`.
    public var description: String { "line \(line), column \(column): \(reason)" }
}

extension YAML.ParseError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .syntax(let problem): problem
        case .tabBetweenTokens: "a tab cannot separate tokens"
        case .severalDocuments: "expected a single document, found a second one"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .tooManyAliases(let limit): "aliases add more than \(limit) values"
        case .undefinedAlias(let name): "alias \"\(name)\" is not defined"
        case .duplicateAnchor(let name): "anchor \"\(name)\" is defined twice"
        case .unknownTag(let tag): "unknown tag \"\(tag)\""
        case .invalidScalar(let text, let type): "\"\(text)\" is not of type \(type)"
        case .wrongCollection(let tag): "a sequence or mapping cannot have the tag \"\(tag)\""
        case .invalidMerge: "expected a mapping or a sequence of mappings for merging"
        case .keyIsCollection: "a key cannot be a sequence or mapping"
        case .notRepresentable(let type): "JSON cannot hold a value of type \(type)"
        }
    }
}
