internal import FluxJSON

extension TreeObject {
    /// The entries of a directory, sorted by the bytes of their names.
    ///
    /// Kept as the canonical text and the offsets of the entries in it, so that storing a directory again after one
    /// change costs a copy instead of printing every entry; entries become values when they are asked for.
    ///
    /// Complexity: looking up is logarithmic; changing one entry moves the text behind it; many changes at once are
    /// better made with ``apply(_:)``, which is linear in the sum.
    public struct Directory: Hashable, Sendable {
        /// `"a":{...},"b":{...}`.
        private var text: [UInt8] = []
        /// Offset of the quote with which each entry begins.
        private var starts: [Int] = []

        /// Creates a directory without entries.
        public init() {}

        /// Number of entries.
        public var count: Int { starts.count }
        /// Whether there are no entries.
        public var isEmpty: Bool { starts.isEmpty }
        /// The names in order.
        public var names: [String] { starts.indices.map { name(at: $0) } }

        /// The entry called `name`; setting nil removes it.
        public subscript(name: String) -> TreeObject? {
            get {
                let (position, isPresent) = position(of: name)
                return isPresent ? value(at: position) : nil
            }
            set {
                let (position, isPresent) = position(of: name)
                if isPresent { remove(at: position) }
                if let newValue { insert(name, newValue, at: position) }
            }
        }

        /// Whether there is an entry called `name`.
        public func contains(_ name: String) -> Bool { position(of: name).isPresent }

        /// Makes many changes at once; nil removes an entry, the last change of a name counts.
        public mutating func apply(_ changes: [(name: String, value: TreeObject?)]) {
            guard changes.count > 1 else {
                for change in changes { self[change.name] = change.value }
                return
            }
            // Stable: of equal names the last one stays last.
            let order = changes.indices.sorted { left, right in
                let order = compare(changes[left].name, changes[right].name)
                return order == 0 ? left < right : order < 0
            }
            var merged = Directory()
            merged.text.reserveCapacity(text.count + 64 * changes.count)
            merged.starts.reserveCapacity(count + changes.count)
            var position = 0
            for (rank, index) in order.enumerated() {
                let (name, value) = changes[index]
                if rank + 1 < order.count, compare(name, changes[order[rank + 1]].name) == 0 { continue }
                let (end, isPresent) = self.position(of: name)
                merged.append(self, position..<end)
                if let value { merged.insert(name, value, at: merged.count) }
                position = end + (isPresent ? 1 : 0)
            }
            merged.append(self, position..<count)
            self = merged
        }

        /// Appends the canonical text without braces.
        func append(to bytes: inout [UInt8]) { bytes.append(contentsOf: text) }
    }
}

extension TreeObject.Directory {
    /// Reads the `data` of a directory; every entry is checked.
    init(members: JSON.Object) throws(PayloadError) {
        self.init()
        let sorted = members.sorted { compare($0.key, $1.key) < 0 }
        text.reserveCapacity(96 * sorted.count)
        starts.reserveCapacity(sorted.count)
        for (name, json) in sorted {
            guard !name.utf8.contains(0) else {
                throw PayloadError(path: "", expected: "names without NUL", found: "NUL")
            }
            let value: TreeObject
            do throws(PayloadError) { value = try TreeObject(json: json) } catch { throw error.inside(name) }
            insert(name, value, at: count)
        }
    }

    /// Where an entry is or would be.
    private func position(of name: String) -> (position: Int, isPresent: Bool) {
        var (low, high) = (0, starts.count)
        // Entries are often made in order: look at the last one first.
        if high > 0, compareName(at: high - 1, with: name) < 0 { return (high, false) }
        while low < high {
            let middle = (low + high) / 2
            let order = compareName(at: middle, with: name)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    /// Offset behind the last byte of an entry, the comma not included.
    private func end(of position: Int) -> Int {
        position + 1 < starts.count ? starts[position + 1] - 1 : text.count
    }

    /// Offset of the quote that ends the name of an entry, and whether the name has escapes in it.
    private func nameEnd(at position: Int) -> (offset: Int, hasEscapes: Bool) {
        var (offset, hasEscapes) = (starts[position] + 1, false)
        while text[offset] != UInt8(ascii: "\"") {
            if text[offset] == UInt8(ascii: "\\") {
                hasEscapes = true
                offset += 1
            }
            offset += 1
        }
        return (offset, hasEscapes)
    }

    private func name(at position: Int) -> String {
        let (end, hasEscapes) = nameEnd(at: position)
        let quoted = text[starts[position]...end]
        if hasEscapes, let name = (try? JSON(parsing: quoted))?.stringValue { return name }
        return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
    }

    /// Less than, equal to or greater than 0.
    private func compareName(at position: Int, with name: String) -> Int {
        let (end, hasEscapes) = nameEnd(at: position)
        if hasEscapes { return compare(self.name(at: position), name) }
        return text[(starts[position] + 1)..<end].withUnsafeBufferPointer { left in
            name.utf8.withContiguousStorageIfAvailable { compare(left, $0) }
                ?? Array(name.utf8).withUnsafeBufferPointer { compare(left, $0) }
        }
    }

    /// The text was made from tree objects by this type only, so it reads back as one.
    private func value(at position: Int) -> TreeObject? {
        let start = nameEnd(at: position).offset + 2
        return try? TreeObject(parsing: text[start..<end(of: position)])
    }

    private mutating func insert(_ name: String, _ value: TreeObject, at position: Int) {
        var entry: [UInt8] = []
        entry.reserveCapacity(128)
        let isLast = position == starts.count
        if isLast, !isEmpty { entry.append(UInt8(ascii: ",")) }
        JSON.append(quoted: name, to: &entry)
        entry.append(UInt8(ascii: ":"))
        value.append(to: &entry)
        if isLast {
            starts.append(isEmpty ? 0 : text.count + 1)
            text.append(contentsOf: entry)
        } else {
            entry.append(UInt8(ascii: ","))
            let start = starts[position]
            text.insert(contentsOf: entry, at: start)
            starts.insert(start, at: position)
            for later in (position + 1)..<starts.count { starts[later] += entry.count }
        }
    }

    private mutating func remove(at position: Int) {
        let isLast = position + 1 == starts.count
        let end = end(of: position)
        let range = isLast ? Swift.max(starts[position] - 1, 0)..<end : starts[position]..<(end + 1)
        text.removeSubrange(range)
        starts.remove(at: position)
        for later in position..<starts.count { starts[later] -= range.count }
    }

    /// Appends entries of another directory, which sort behind those here.
    private mutating func append(_ other: Self, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        if !isEmpty { text.append(UInt8(ascii: ",")) }
        let from = other.starts[range.lowerBound], shift = text.count - from
        text.append(contentsOf: other.text[from..<other.end(of: range.upperBound - 1)])
        for position in range { starts.append(other.starts[position] + shift) }
    }
}

extension TreeObject.Directory: Sequence, ExpressibleByDictionaryLiteral {
    /// One entry.
    public typealias Element = (name: String, value: TreeObject)

    public init(dictionaryLiteral elements: (String, TreeObject)...) {
        self.init()
        apply(elements.map { (name: $0.0, value: $0.1) })
    }

    public var underestimatedCount: Int { count }

    public func makeIterator() -> AnyIterator<Element> {
        var position = 0
        return AnyIterator {
            while position < self.count {
                defer { position += 1 }
                if let value = self.value(at: position) { return (self.name(at: position), value) }
            }
            return nil
        }
    }
}

/// Less than, equal to or greater than 0, by bytes.
private func compare(_ left: String, _ right: String) -> Int {
    if left.utf8.elementsEqual(right.utf8) { return 0 }
    return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
}

private func compare(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
    for index in 0..<min(left.count, right.count) where left[index] != right[index] {
        return Int(left[index]) - Int(right[index])
    }
    return left.count - right.count
}
