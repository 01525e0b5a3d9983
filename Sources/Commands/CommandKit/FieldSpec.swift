/// How a field is fitted into a column: `>12`, `<10.10+`, `>8h`, `.2f`.
struct FieldSpec: Hashable, Sendable {
    var fill: Character = " "
    var align: Character?
    var width = 0
    var precision: Int?
    var type: Character?
    /// What stands in front of numbers: `+` always a sign, a blank in place of a plus.
    var sign: Character?
    /// `,` or `_`: thousands are grouped.
    var grouping: Character?
    /// `h`: a dash for nothing.
    var hasDash = false
    /// `+`: a plus sign where text was cut.
    var marksCut = false
    /// What stands before `::` in the spec of a time.
    var timeFormat: String?

    /// Reads a spec; nil when it is none.
    init?(_ text: String, isTime: Bool = false) {
        var text = text[...]
        if isTime {
            if let parts = text.range(of: "::") {
                timeFormat = String(text[..<parts.lowerBound])
                text = text[parts.upperBound...]
            } else {
                timeFormat = String(text)
                text = ""
            }
        }
        if text.hasSuffix("+") {
            marksCut = true
            text = text.dropLast()
        }
        if text.hasSuffix("h") {
            hasDash = true
            text = text.dropLast()
        }
        let second = text.dropFirst().first
        if let second, "<>=^".contains(second) {
            fill = text.removeFirst()
            align = text.removeFirst()
        } else if let first = text.first, "<>=^".contains(first) {
            align = text.removeFirst()
        }
        if let first = text.first, "+- ".contains(first) { sign = text.removeFirst() }
        if text.first == "#" { text.removeFirst() }
        if text.first == "0", text.count > 1 {
            if align == nil { (fill, align) = ("0", "=") }
            text.removeFirst()
        }
        let digits = text.prefix { $0.isNumber }
        width = Int(digits) ?? 0
        text = text.dropFirst(digits.count)
        if let first = text.first, first == "," || first == "_" { grouping = text.removeFirst() }
        if text.first == "." {
            let digits = text.dropFirst().prefix { $0.isNumber }
            precision = Int(digits)
            guard precision != nil else { return nil }
            text = text.dropFirst(1 + digits.count)
        }
        type = text.popFirst()
        guard text.isEmpty, type.map({ "bcdeEfFgGnosxX%".contains($0) }) ?? true else { return nil }
    }

    /// The value in its column.
    func format(_ value: FieldValue) -> String {
        var value = value
        if case .time(let seconds) = value {
            value = .text(seconds == 0 ? "" : Format.time(seconds, timeFormat.flatMap { $0.isEmpty ? nil : $0 } ?? "%FT%T"))
        }
        var text = value.text
        var isNumber = value.number != nil
        if hasDash {
            if FieldValue.emptyTexts.contains(text) { text = "-" }
            isNumber = false
        }
        if isNumber, let number = value.number {
            return pad(signed(numberText(value, number)), standard: ">")
        }
        let full = text.unicodeScalars.count
        if let precision, precision < full { text = String(text.unicodeScalars.prefix(precision)) }
        var result = pad(text, standard: "<")
        if marksCut, result.unicodeScalars.count < full { result = "\(String(result.unicodeScalars.dropLast()))+" }
        return result
    }

    /// A number by its letter, without width.
    private func numberText(_ value: FieldValue, _ number: Double) -> String {
        switch type {
        case "f", "F", "e", "g", "G", "E":
            return grouped(Format.text("%.*\(type ?? "f")", [Int32(precision ?? 6), number]))
        case "%": return Format.fixed(number * 100, precision ?? 6) + "%"
        case "x", "X", "o", "b":
            let radix = type == "b" ? 2 : type == "o" ? 8 : 16
            return String(Int64(number), radix: radix, uppercase: type == "X")
        case nil where isPlain: return value.text
        default:
            if precision != nil, case .real = value { return Format.text("%.*g", [Int32(precision ?? 6), number]) }
            if case .labelled(_, let number) = value { return grouped("\(number)") }
            if case .bool(let flag) = value { return flag ? "1" : "0" }
            return grouped(value.text)
        }
    }

    /// Nothing but perhaps marks of the listing commands.
    private var isPlain: Bool {
        align == nil && width == 0 && precision == nil && type == nil && sign == nil && grouping == nil
    }

    private func signed(_ text: String) -> String {
        guard let sign, sign != "-", !text.hasPrefix("-") else { return text }
        return "\(sign)\(text)"
    }

    private func grouped(_ text: String) -> String {
        guard let grouping else { return text }
        let digits = text.prefix { $0 == "-" || $0.isNumber }
        var result = ""
        for (index, character) in digits.reversed().enumerated() {
            if index > 0, index % 3 == 0, character != "-" { result.append(grouping) }
            result.append(character)
        }
        return String(result.reversed()) + text.dropFirst(digits.count)
    }

    /// Why the spec cannot be used for a value, in Python's words; nil when it can.
    func problem(with value: FieldValue) -> String? {
        if case .time = value { return nil }
        guard let type, !hasDash else { return nil }
        let (letters, kind) =
            switch value {
            case .text, .time: ("s", "str")
            case .int, .labelled: ("bcdeEfFgGnoxX%", "int")
            case .real: ("eEfFgGn%", "float")
            case .bool: ("bcdeEfFgGnoxX%", "bool")
            }
        return letters.contains(type) ? nil : "Unknown format code '\(type)' for object of type '\(kind)'"
    }

    /// A heading in the column: never cut, always with blanks around it.
    func header(_ text: String) -> String {
        var spec = self
        spec.fill = " "
        return spec.pad(text, standard: "<")
    }

    private func pad(_ text: String, standard: Character) -> String {
        let missing = width - text.unicodeScalars.count
        guard missing > 0 else { return text }
        switch align ?? standard {
        case ">", "=": return String(repeating: fill, count: missing) + text
        case "^":
            let left = missing / 2
            return String(repeating: fill, count: left) + text + String(repeating: fill, count: missing - left)
        default: return text + String(repeating: fill, count: missing)
        }
    }
}

extension Substring {
    /// The first place of a text.
    package func range(of needle: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
