/// A format of listings: literal text and fields in braces, `{id.f58:>12} ?:{queue:<8.8} {nnodes:>6h}`.
///
/// ```swift
/// let format = try OutputFormat("{name:>8} ?:{note}", headings: ["name": "NAME", "note": "NOTE"])
/// format.lines(for: rows, value: { row, field in row[field] }, hasHeader: true)
/// ```
/// Source: flux-core's commands in Python (observed: 0.88); commands.md 2.6.
public struct OutputFormat: Sendable {
    struct Piece: Sendable {
        var text: String
        var field: String?
        var conversion: Character?
        var spec: FieldSpec
        var dropsEmpty = false
        var widens = false
    }

    var pieces: [Piece]
    private let headings: [String: String]
    /// Fields to sort by, the most important first.
    public private(set) var sortKeys: [(field: String, isReversed: Bool)] = []

    /// Reads a format.
    ///
    /// - Parameter headings: every field there is, with its heading.
    /// - Throws: ``CommandError``: a field nobody knows, a brace that is not closed.
    public init(_ format: String, headings: [String: String]) throws(CommandError) {
        self.headings = headings
        pieces = []
        var rest = format[...]
        if rest.hasPrefix("sort:") {
            let keys = rest.dropFirst(5).prefix { $0 != "{" && !$0.isWhitespace }
            rest = rest.dropFirst(5 + keys.count)
            if rest.first == " " { rest = rest.dropFirst() }
            try setSortKeys(String(keys))
        }
        var text = ""
        while let character = rest.popFirst() {
            if character == "{" {
                if rest.first == "{" {
                    text.append(rest.removeFirst())
                    continue
                }
                guard let end = rest.firstIndex(of: "}") else {
                    throw CommandError("Error in user format: expected '}' before end of string")
                }
                try append(text, String(rest[..<end]))
                text = ""
                rest = rest[rest.index(after: end)...]
            } else if character == "}" {
                guard rest.first == "}" else {
                    throw CommandError("Error in user format: Single '}' encountered in format string")
                }
                text.append(rest.removeFirst())
            } else {
                text.append(character)
            }
        }
        if !text.isEmpty, let spec = FieldSpec("") { pieces.append(Piece(text: text, spec: spec)) }
    }

    private mutating func append(_ text: String, _ body: String) throws(CommandError) {
        let colon = body.firstIndex(of: ":")
        var name = String(body[..<(colon ?? body.endIndex)])
        let specText = colon.map { String(body[body.index(after: $0)...]) } ?? ""
        var conversion: Character?
        if let mark = name.firstIndex(of: "!") {
            conversion = name[name.index(after: mark)...].first
            name = String(name[..<mark])
        }
        guard headings[name] != nil else { throw CommandError("Unknown format field: \(name)") }
        guard let spec = FieldSpec(specText, isTime: conversion == "d") else {
            throw CommandError("Invalid format specifier '\(specText)'")
        }
        var piece = Piece(text: text, field: name, conversion: conversion, spec: spec)
        for (mark, drops, widens) in [("?+:", true, true), ("?:", true, false), ("+:", false, true)]
        where text.hasSuffix(mark) {
            piece.text = String(text.dropLast(mark.count))
            (piece.dropsEmpty, piece.widens) = (drops, widens)
            break
        }
        pieces.append(piece)
    }

    /// The names of the fields, with those of the sort keys.
    public var fields: [String] { pieces.compactMap(\.field) + sortKeys.map(\.field) }

    /// Replaces the sort keys: fields with commas between them, `-` in front of one reverses.
    public mutating func setSortKeys(_ text: String) throws(CommandError) {
        sortKeys = []
        for part in text.split(separator: ",") {
            let key = part.filter { $0 != " " }
            let name = String(key.hasPrefix("-") ? key.dropFirst() : key[...])
            guard !name.isEmpty else { continue }
            guard headings[name] != nil else { throw CommandError("Invalid sort key: \(name)") }
            sortKeys.append((name, key.hasPrefix("-")))
        }
    }

    /// The format without some fields and their leading text.
    public func without(_ names: [String]) -> OutputFormat {
        var copy = self
        var result: [Piece] = []
        for piece in pieces {
            if let field = piece.field, names.contains(field) {
                if !piece.text.allSatisfy(\.isWhitespace), let spec = FieldSpec("") {
                    result.append(Piece(text: piece.text, spec: spec))
                }
            } else {
                result.append(piece)
            }
        }
        copy.pieces = result
        return copy
    }

    /// The line of one row.
    public func line(_ value: (String) -> FieldValue) -> String {
        pieces.map { piece in
            guard let field = piece.field else { return piece.text }
            return piece.text + piece.spec.format(value(field).converted(piece.conversion))
        }.joined()
    }

    /// The headings.
    public var header: String {
        pieces.map { piece in
            piece.text + (piece.field.map { piece.spec.header(headings[$0] ?? "") } ?? "")
        }.joined()
    }

    /// All lines, the header first: columns that are empty everywhere dropped, others widened, rows sorted.
    public func lines<Row>(
        for rows: [Row], hasHeader: Bool, width: Int = 0, value: (Row, String) -> FieldValue
    ) -> [String] {
        let format = fitted(to: rows, hasHeader: hasHeader, value: value)
        let sorted = sort(rows, value)
        var result = hasHeader ? [Self.cut(format.header, width)] : []
        for row in sorted {
            let line = format.line { value(row, $0) }
            if !line.allSatisfy(\.isWhitespace) { result.append(Self.cut(line, width)) }
        }
        return result
    }

    static func cut(_ line: String, _ width: Int) -> String {
        guard width > 0, line.unicodeScalars.count > width else { return line }
        return String(line.unicodeScalars.prefix(width - 1)) + "+"
    }

    private func fitted<Row>(to rows: [Row], hasHeader: Bool, value: (Row, String) -> FieldValue) -> OutputFormat {
        guard pieces.contains(where: { $0.dropsEmpty || $0.widens }) else { return self }
        var copy = self
        copy.pieces = pieces.compactMap { piece in
            guard piece.dropsEmpty || piece.widens, let field = piece.field else {
                // A mark at another place than the end of the text disappears too.
                var piece = piece
                for mark in ["?+:", "?:", "+:"] { piece.text = piece.text.removing(mark) }
                return piece
            }
            var widest = 0
            for row in rows {
                let text = FieldSpec("").map { spec in
                    var spec = spec
                    spec.timeFormat = piece.spec.timeFormat
                    return spec.format(value(row, field).converted(piece.conversion))
                } ?? ""
                if !FieldValue.emptyTexts.contains(text) { widest = max(widest, text.unicodeScalars.count) }
            }
            if widest == 0, piece.dropsEmpty { return nil }
            var piece = piece
            if piece.widens {
                let width = max(widest, piece.spec.width, hasHeader ? (headings[field] ?? "").count : 0)
                piece.spec.width = width
                if let precision = piece.spec.precision, precision < width, piece.spec.type == nil {
                    piece.spec.precision = width
                }
            }
            return piece
        }
        return copy
    }

    /// Sorts by the keys: empty values first, then numbers, then texts; equal rows keep their order.
    public func sort<Row>(_ rows: [Row], _ value: (Row, String) -> FieldValue) -> [Row] {
        guard !sortKeys.isEmpty else { return rows }
        let keyed = rows.enumerated().map { index, row in
            (row: row, index: index, keys: sortKeys.map { SortKey(value(row, $0.field)) })
        }
        return keyed.sorted { left, right in
            for (position, key) in sortKeys.enumerated() {
                let (a, b) = (left.keys[position], right.keys[position])
                if a == b { continue }
                return key.isReversed ? b < a : a < b
            }
            return left.index < right.index
        }.map(\.row)
    }
}

/// What a row is sorted by.
private struct SortKey: Comparable {
    private let rank: Int
    private let number: Double
    private let text: String

    init(_ value: FieldValue) {
        let text = value.text
        if text.isEmpty || text == "-" {
            (rank, number, self.text) = (0, 0, "")
        } else if let number = value.number ?? Double(text) {
            (rank, self.number, self.text) = (1, number, "")
        } else {
            (rank, number, self.text) = (2, 0, text)
        }
    }

    static func < (left: SortKey, right: SortKey) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        if left.number != right.number { return left.number < right.number }
        return left.text.unicodeScalars.lexicographicallyPrecedes(right.text.unicodeScalars)
    }
}

extension OutputFormat {
    /// Finds the format that `--format`, the environment or the built-in default names.
    ///
    /// - Parameter formats: the built-in ones by name, in the order that `help` shows.
    /// - Returns: nil after the list of formats was printed for `help`, or a snippet for `get-config=NAME`.
    public static func text(
        option: String?, variable: String, program: String, formats: [(name: String, description: String, format: String)]
    ) throws(CommandError) -> String? {
        let name = option ?? Environment[variable] ?? "default"
        if name.contains("{") { return name }
        if name == "help" {
            print("\nConfigured \(program) output formats:\n")
            let width = (formats.map(\.name.count).max() ?? 0) + 2
            for format in formats { print("  \(format.name.padded(to: max(width, 13)))\(format.description)") }
            return nil
        }
        if name.hasPrefix("get-config=") {
            let wanted = name.dropFirst("get-config=".count)
            guard let format = formats.first(where: { $0.name == wanted }) else {
                throw CommandError("--format: No such format \(wanted)")
            }
            print("[formats.\(format.name)]\ndescription = \"\(format.description)\"\nformat = \"\(format.format)\"")
            return nil
        }
        guard let format = formats.first(where: { $0.name == name }) else {
            throw CommandError("--format: No such format \(name) (Did you mean '{\(name)}'?)")
        }
        return format.format
    }
}

extension String {
    /// The text without any occurrence of another.
    fileprivate func removing(_ needle: String) -> String {
        var result = ""
        var rest = self[...]
        while let place = rest.range(of: needle) {
            result += rest[..<place.lowerBound]
            rest = rest[place.upperBound...]
        }
        return result + rest
    }
}
