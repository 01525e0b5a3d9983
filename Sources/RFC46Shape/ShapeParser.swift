import FluxJSON
import RFC45Range

/// Reads a shape text by recursive descent over the grammar of RFC 46.
struct ShapeParser {
    private var scanner: ShapeScanner
    private let defaultLabel: String
    private var slotCount = 0

    init(_ text: String, defaultLabel: String) {
        scanner = ShapeScanner(text)
        self.defaultLabel = defaultLabel
    }

    mutating func shape() throws(Shape.ParseError) -> [Shape.Vertex] {
        let vertices = try list(depth: 0)
        guard scanner.peek() == nil else { throw scanner.unexpected() }
        return vertices
    }

    /// `'[' vertex (';' vertex)* ']'` or a single vertex.
    private mutating func list(depth: Int) throws(Shape.ParseError) -> [Shape.Vertex] {
        guard depth < Shape.maximumDepth else { throw scanner.error(.tooDeep) }
        guard scanner.skip("[") else { return [try vertex(depth: depth)] }
        var vertices = [try vertex(depth: depth)]
        while scanner.skip(";") { vertices.append(try vertex(depth: depth)) }
        try scanner.expect("]")
        return vertices
    }

    private mutating func vertex(depth: Int) throws(Shape.ParseError) -> Shape.Vertex {
        let start = scanner.offset
        let quoted = try scanner.quoted()
        let type = quoted == nil ? scanner.take { !ShapeScanner.endsType($0) } : quoted ?? ""
        guard quoted != nil || !type.isEmpty else { throw scanner.unexpected() }
        let isSlot = quoted == nil && type.lowercased() == "slot"
        let (count, countText) = try count()
        var vertex = Shape.Vertex(
            type: isSlot ? "slot" : type, count: count, countText: countText, label: nil, attributes: [:], children: [])
        if isSlot {
            slotCount += 1
            try readLabel(of: &vertex, at: start)
            try scanner.expect("/")
            vertex.children = try list(depth: depth + 1)
            return vertex
        }
        if scanner.skip("{") { vertex.attributes = try object(depth: 0) }
        if scanner.skip("/") { vertex.children = try list(depth: depth + 1) }
        return vertex
    }

    /// `('{' label (',' item)* '}')?`
    private mutating func readLabel(of vertex: inout Shape.Vertex, at start: Int) throws(Shape.ParseError) {
        guard scanner.skip("{") else {
            guard slotCount == 1 else { throw Shape.ParseError(reason: .missingLabel, offset: start) }
            vertex.label = defaultLabel
            return
        }
        vertex.label = try key()
        if scanner.skip(",") {
            vertex.attributes = try items(depth: 0)
        } else {
            try scanner.expect("}")
        }
        if let label = vertex.attributes["label"]?.stringValue {
            vertex.label = label
            vertex.attributes.removeValue(forKey: "label")
        }
    }

    /// `('=' count)?`; the count may stand in brackets.
    private mutating func count() throws(Shape.ParseError) -> (ResourceCount, String) {
        guard scanner.skip("=") else { return (.integer(1), "1") }
        let hasBrackets = scanner.skip("[")
        let start = scanner.offset
        let text = scanner.countText()
        if text.isEmpty, !hasBrackets, scanner.isAtEndOfCount { return (.integer(1), "1") }
        guard !text.isEmpty else { throw scanner.unexpected() }
        // Idsets elsewhere may have empty elements; the grammar of shapes has none.
        guard !text.hasPrefix(","), !text.hasSuffix(","), !text.contains(",,") else {
            throw Shape.ParseError(reason: .invalidCount, offset: start)
        }
        let count: ResourceCount
        do throws(ResourceCount.ParseError) {
            // Unlike in a jobspec, `1-4` is a range here and not an idset.
            count =
                text.contains(where: { $0 == "-" || $0 == "+" }) && !text.contains(",")
                ? .range(try SteppedRange(parsing: text)) : try ResourceCount(parsing: text)
        } catch {
            throw Shape.ParseError(reason: .invalidCount, offset: start)
        }
        if hasBrackets { try scanner.expect("]") }
        return (count, text)
    }

    /// `(item (',' item)*)? '}'`, behind the opening brace.
    private mutating func object(depth: Int) throws(Shape.ParseError) -> JSON.Object {
        guard depth < Shape.maximumDepth else { throw scanner.error(.tooDeep) }
        return scanner.skip("}") ? [:] : try items(depth: depth)
    }

    /// `item (',' item)* '}'`
    private mutating func items(depth: Int) throws(Shape.ParseError) -> JSON.Object {
        var object = JSON.Object()
        repeat {
            if scanner.skip("+") {
                object[try key()] = true
            } else if scanner.skip("-") {
                object[try key()] = false
            } else {
                let key = try key()
                object[key] = scanner.skip(":") ? try value(depth: depth) : true
            }
        } while scanner.skip(",")
        try scanner.expect("}")
        return object
    }

    private mutating func key() throws(Shape.ParseError) -> String {
        if let quoted = try scanner.quoted() { return quoted }
        guard let first = scanner.peek(), first != "+", first != "-" else { throw scanner.unexpected() }
        let key = scanner.take { !":,{}".unicodeScalars.contains($0) }
        guard !key.isEmpty else { throw scanner.unexpected() }
        return key == "x" ? "exclusive" : key
    }

    private mutating func value(depth: Int) throws(Shape.ParseError) -> JSON {
        if let quoted = try scanner.quoted() { return .string(quoted) }
        if scanner.skip("{") { return .object(try object(depth: depth + 1)) }
        if scanner.peek() == "[" { return try array() }
        let start = scanner.offset
        let text = scanner.take { !",{}[]".unicodeScalars.contains($0) }
        guard !text.isEmpty else { throw scanner.unexpected() }
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        case "null": return .null
        default: break
        }
        guard ShapeScanner.isNumber(text) else { return .string(text) }
        if let integer = Int64(text) { return .int(integer) }
        let isInteger = text.allSatisfy { $0.isNumber || $0 == "-" }
        guard !isInteger, let real = Double(text), real.isFinite else {
            throw Shape.ParseError(reason: .invalidValue, offset: start)
        }
        return .real(real)
    }

    /// A JSON array, in which strings may also be in single quotes.
    private mutating func array() throws(Shape.ParseError) -> JSON {
        let start = scanner.offset
        guard let text = scanner.balancedArray() else { throw scanner.unexpected() }
        let json = String(text.map { $0 == "'" ? "\"" : $0 })
        guard let array = try? JSON(parsing: json) else {
            throw Shape.ParseError(reason: .invalidValue, offset: start)
        }
        return array
    }
}
