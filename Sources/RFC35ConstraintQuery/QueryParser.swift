import FluxJSON

/// Reduces the tokens of a query to a tree.
///
/// The grammar of RFC 35 is ambiguous; flux-core resolves it by precedence (`or` < `and` and juxtaposition < `not`
/// < `-`) in a shift-reduce parser. The same decisions are taken here: before a token is shifted, what is complete on
/// the stack is reduced unless the token binds more strongly.
struct QueryParser {
    private let configuration: ConstraintQuery
    private let query: String
    private var lexer: QueryLexer
    private var stack: [Symbol] = []
    private var openParentheses: [Int] = []

    private enum Symbol {
        case expression(Node)
        case and, or, not, negate, open

        var isExpression: Bool { if case .expression = self { true } else { false } }
    }

    /// A constraint whose operators are not yet interpreted.
    struct Node {
        var name: String
        var values: [Value]
        /// How many constraints lie inside each other.
        var depth: Int

        enum Value {
            case text(String)
            case node(Node)
        }

        var json: JSON {
            let values = values.map { value -> JSON in
                switch value {
                case .text(let text): .string(text)
                case .node(let node): node.json
                }
            }
            return .object([name: .array(values)])
        }
    }

    init(_ query: String, _ configuration: ConstraintQuery) {
        self.query = query
        self.configuration = configuration
        lexer = QueryLexer(query)
    }

    mutating func parse() throws(ConstraintQuery.SyntaxError) -> Node {
        while let token = try lexer.next() {
            if token.kind == .term, case .negate = stack.last {
                stack.removeLast()
                push(try negated(try term(token), at: token.position))
                continue
            }
            if case .negate = stack.last { throw unexpected(token) }
            try reduce(before: token)
            switch token.kind {
            case .term: push(try term(token))
            case .not: stack.append(.not)
            case .negate: stack.append(.negate)
            case .open:
                guard openParentheses.count < ConstraintQuery.depthLimit else {
                    throw ConstraintQuery.SyntaxError(reason: .tooDeep, position: token.position)
                }
                openParentheses.append(token.position)
                stack.append(.open)
            case .and:
                try requireExpression(before: token)
                stack.append(.and)
            case .or:
                try requireExpression(before: token)
                stack.append(.or)
            case .close:
                try requireExpression(before: token)
                guard openParentheses.popLast() != nil, stack.count >= 2 else {
                    throw .init(reason: .unmatchedParenthesis, position: token.position)
                }
                stack.remove(at: stack.count - 2)
            }
        }
        try reduce(before: nil)
        if stack.count == 1, case .expression(let node) = stack[0] { return node }
        if let position = openParentheses.last { throw .init(reason: .unclosedParenthesis, position: position) }
        throw .init(reason: .unexpectedEnd(query: query), position: query.unicodeScalars.count)
    }

    // MARK: shift and reduce

    private mutating func push(_ node: Node) { stack.append(.expression(node)) }

    /// How strongly a token binds; 0 for those without precedence, before which everything complete is reduced.
    private static func strength(_ kind: QueryToken.Kind?) -> Int {
        switch kind {
        case .or: 1
        case .and: 2
        case .not: 3
        case .negate: 4
        case .term, .open, .close, nil: 0
        }
    }

    private mutating func reduce(before token: QueryToken?) throws(ConstraintQuery.SyntaxError) {
        let strength = Self.strength(token?.kind)
        let position = token?.position ?? query.unicodeScalars.count
        while stack.count >= 2, stack[stack.count - 1].isExpression {
            switch stack[stack.count - 2] {
            case .not:
                guard strength < 3 else { return }
                let operand = pop()
                stack.removeLast()
                push(try negated(operand, at: position))
            case .or:
                guard strength <= 1, stack.count >= 3, stack[stack.count - 3].isExpression else { return }
                let right = pop()
                stack.removeLast()
                var left = pop()
                joinByOr(&left, right)
                push(try checked(left, at: position))
            case .and, .expression:
                let hasOperator = !stack[stack.count - 2].isExpression
                guard strength <= 2, !hasOperator || (stack.count >= 3 && stack[stack.count - 3].isExpression) else {
                    return
                }
                let right = pop()
                if hasOperator { stack.removeLast() }
                var left = pop()
                joinByAnd(&left, right)
                push(try checked(left, at: position))
            case .open, .negate: return
            }
        }
    }

    /// Takes the expression off the stack that is known to be on top.
    private mutating func pop() -> Node {
        guard case .expression(let node) = stack.removeLast() else {
            preconditionFailure("the top of the parser's stack is not an expression")
        }
        return node
    }

    private func requireExpression(before token: QueryToken) throws(ConstraintQuery.SyntaxError) {
        guard stack.last?.isExpression ?? false else { throw unexpected(token) }
    }

    private func unexpected(_ token: QueryToken) -> ConstraintQuery.SyntaxError {
        .init(reason: .unexpectedToken(token.text), position: token.position)
    }

    // MARK: building the tree

    private func term(_ token: QueryToken) throws(ConstraintQuery.SyntaxError) -> Node {
        let scalars = token.text.unicodeScalars
        var name: String
        var operand = token.text
        if let colon = scalars.firstIndex(of: ":") {
            name = String(scalars[..<colon])
            operand = String(scalars[scalars.index(after: colon)...])
            name = configuration.aliases[name] ?? name
        } else if let defaultOperator = configuration.defaultOperator {
            name = defaultOperator
        } else {
            throw .init(reason: .missingOperator(token.text), position: token.position)
        }
        if let bad = name.unicodeScalars.first(where: { !$0.isWordScalar && !".+@-".unicodeScalars.contains($0) }) {
            throw .init(reason: .invalidOperator(Character(bad), operator: name), position: token.position)
        }
        let separator = configuration.splitValues[name] ?? ""
        let values = separator.isEmpty ? [operand] : operand.split(separator: separator)
        return Node(name: name, values: values.map { .text($0) }, depth: 1)
    }

    private func negated(_ node: Node, at position: Int) throws(ConstraintQuery.SyntaxError) -> Node {
        try checked(Node(name: "not", values: [.node(node)], depth: node.depth + 1), at: position)
    }

    private func checked(_ node: Node, at position: Int) throws(ConstraintQuery.SyntaxError) -> Node {
        guard node.depth <= ConstraintQuery.depthLimit else {
            throw ConstraintQuery.SyntaxError(reason: .tooDeep, position: position)
        }
        return node
    }

    private func joinByOr(_ left: inout Node, _ right: Node) { join(&left, "or", right) }

    private func joinByAnd(_ left: inout Node, _ right: Node) {
        if left.name == right.name, left.name != "and", configuration.combinedTerms.contains(left.name) {
            left.values.append(contentsOf: right.values)
            left.depth = max(left.depth, right.depth)
        } else {
            join(&left, "and", right)
        }
    }

    /// Makes `left` the list `left` `name` `right`; a list of the same kind grows.
    private func join(_ left: inout Node, _ name: String, _ right: Node) {
        if left.name == name {
            left.values.append(.node(right))
            left.depth = max(left.depth, right.depth + 1)
        } else {
            left = Node(
                name: name, values: [.node(left), .node(right)], depth: max(left.depth, right.depth) + 1)
        }
    }
}

extension String {
    /// The parts between the separators, empty ones included.
    fileprivate func split(separator: String) -> [String] {
        let bytes = Array(utf8)
        let mark = Array(separator.utf8)
        var parts: [String] = []
        var start = 0
        var index = 0
        while index + mark.count <= bytes.count {
            if bytes[index..<(index + mark.count)].elementsEqual(mark) {
                parts.append(String(decoding: bytes[start..<index], as: UTF8.self))
                index += mark.count
                start = index
            } else {
                index += 1
            }
        }
        parts.append(String(decoding: bytes[start...], as: UTF8.self))
        return parts
    }
}
