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
    let headings: [String: String]
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
                    throw CommandError("expected '}' before end of string")
                }
                try append(text, String(rest[..<end]))
                text = ""
                rest = rest[rest.index(after: end)...]
            } else if character == "}" {
                guard rest.first == "}" else {
                    throw CommandError("Single '}' encountered in format string")
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

    /// The format with all of the values in columns that grow.
    public var untruncated: OutputFormat {
        var copy = self
        for index in pieces.indices where pieces[index].widens {
            (copy.pieces[index].spec.width, copy.pieces[index].spec.precision) = (0, nil)
        }
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
    ///
    /// - Throws: ``CommandError`` when a spec does not fit the kind of its values, in the words of Python.
    public func lines<Row>(
        for rows: [Row], hasHeader: Bool, width: Int = 0, value: (Row, String) -> FieldValue
    ) throws(CommandError) -> [String] {
        for row in rows {
            for piece in pieces {
                guard let field = piece.field else { continue }
                if let conversion = piece.conversion, !"dDFHPrsa".contains(conversion) {
                    throw CommandError("Unknown conversion specifier \(conversion)")
                }
                if let problem = piece.spec.problem(with: value(row, field).converted(piece.conversion)) {
                    throw CommandError(problem)
                }
            }
        }
        let format = fitted(to: rows, hasHeader: hasHeader, value: value)
        let sorted = sort(rows, value)
        var result = hasHeader ? [Self.cut(format.header, width)] : []
        for row in sorted {
            let line = format.line { value(row, $0) }
            if !line.allSatisfy(\.isWhitespace) { result.append(Self.cut(line, width)) }
        }
        return result
    }

    private static func cut(_ line: String, _ width: Int) -> String {
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
                var spec = piece.spec
                (spec.width, spec.precision) = (0, piece.spec.type == nil ? nil : piece.spec.precision)
                (spec.hasDash, spec.marksCut) = (false, false)
                let text = spec.format(value(row, field).converted(piece.conversion))
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
