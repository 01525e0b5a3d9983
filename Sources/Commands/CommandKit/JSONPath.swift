public import FluxJSON

extension JSON {
    /// A member below objects by a path of names with dots between them.
    public subscript(path path: String) -> JSON? {
        get {
            var value = self
            for name in path.split(separator: ".") {
                guard let next = value[String(name)] else { return nil }
                value = next
            }
            return value
        }
        set { self = replacing(path.split(separator: ".").map(String.init)[...], by: newValue) }
    }

    private func replacing(_ path: ArraySlice<String>, by value: JSON?) -> JSON {
        guard let name = path.first else { return value ?? .object([:]) }
        var object = objectValue ?? [:]
        if path.count == 1 {
            if let value { object[name] = value } else { object.removeValue(forKey: name) }
        } else if value != nil || object[name] != nil {
            object[name] = (object[name] ?? .object([:])).replacing(path.dropFirst(), by: value)
        }
        return .object(object)
    }

    /// The text in several lines, each level one `indent` deeper, as jansson prints it.
    public func text(indent: Int, sortedKeys: Bool = false) -> String {
        var result = ""
        append(to: &result, String(repeating: " ", count: indent), depth: 0, sortedKeys)
        return result
    }

    private func append(to result: inout String, _ indent: String, depth: Int, _ sortedKeys: Bool) {
        func line(_ depth: Int) { result += "\n" + String(repeating: indent, count: depth) }
        switch self {
        case .array(let items) where !items.isEmpty:
            result += "["
            for (index, item) in items.enumerated() {
                if index > 0 { result += "," }
                line(depth + 1)
                item.append(to: &result, indent, depth: depth + 1, sortedKeys)
            }
            line(depth)
            result += "]"
        case .object(let object) where !object.isEmpty:
            result += "{"
            var members = object.map { $0 }
            if sortedKeys { members.sort { $0.key < $1.key } }
            for (index, member) in members.enumerated() {
                if index > 0 { result += "," }
                line(depth + 1)
                result += JSON.string(member.key).text + ": "
                member.value.append(to: &result, indent, depth: depth + 1, sortedKeys)
            }
            line(depth)
            result += "}"
        default: result += text
        }
    }
}
