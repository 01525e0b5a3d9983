internal import Glibc

extension JSON {
    /// The members of a JSON object in the order in which they were added; each key occurs once.
    ///
    /// Two objects are equal when they have the same members, in whatever order.
    ///
    /// Complexity: looking up, adding and replacing take constant time (a short object is searched, a long one has an
    /// index); removing is linear in `count`.
    public struct Object: Sendable {
        /// One member.
        public typealias Element = (key: String, value: JSON)

        /// Up to this many members a search from the front beats an index.
        static let searchLimit = 12

        private(set) var entries: [Element] = []
        /// Open addressing table of positions in `entries`, -1 where free; nil while the object is short.
        private var index: [Int32]?

        /// Creates an object without members.
        public init() {}

        /// Creates an object from members; of several with the same key the last one counts.
        public init(_ members: some Sequence<(String, JSON)>) {
            entries.reserveCapacity(members.underestimatedCount)
            for (key, value) in members { self[key] = value }
        }

        /// Number of members.
        public var count: Int { entries.count }
        /// Whether there are no members.
        public var isEmpty: Bool { entries.isEmpty }
        /// The keys in order.
        public var keys: [String] { entries.map(\.key) }
        /// The values in the order of the keys.
        public var values: [JSON] { entries.map(\.value) }

        /// Whether there is a member called `key`.
        public func contains(_ key: String) -> Bool { position(of: key) != nil }

        /// The value of `key`; setting keeps the position of an existing member, setting nil removes it.
        public subscript(key: String) -> JSON? {
            get { position(of: key).map { entries[$0].value } }
            set {
                guard let newValue else {
                    removeValue(forKey: key)
                    return
                }
                if let position = position(of: key) {
                    entries[position].value = newValue
                } else {
                    appendNew(key, newValue)
                }
            }
        }

        /// Removes the member called `key` and returns its value, nil when there was none.
        @discardableResult
        public mutating func removeValue(forKey key: String) -> JSON? {
            guard let position = position(of: key) else { return nil }
            let value = entries.remove(at: position).value
            if index != nil { rebuildIndex() }
            return value
        }

        /// Makes room for `count` members.
        public mutating func reserveCapacity(_ count: Int) { entries.reserveCapacity(count) }

        // MARK: index

        func position(of key: String) -> Int? {
            guard let index else {
                let length = key.utf8.count
                return entries.withUnsafeBufferPointer { entries in
                    for position in entries.indices where entries[position].key.utf8.count == length {
                        if sameBytes(entries[position].key, key) { return position }
                    }
                    return nil
                }
            }
            let mask = index.count - 1
            var slot = keyHash(key) & mask
            while index[slot] >= 0 {
                let position = Int(index[slot])
                if sameBytes(entries[position].key, key) { return position }
                slot = (slot + 1) & mask
            }
            return nil
        }

        /// Adds a member whose key is known to be absent.
        mutating func appendNew(_ key: String, _ value: JSON) {
            entries.append((key, value))
            guard entries.count > Self.searchLimit else { return }
            if entries.count * 2 > index?.count ?? 0 { rebuildIndex() } else { enter(entries.count - 1) }
        }

        private mutating func rebuildIndex() {
            guard entries.count > Self.searchLimit else {
                index = nil
                return
            }
            var size = 64
            while size < entries.count * 4 { size *= 2 }
            index = [Int32](repeating: -1, count: size)
            for position in entries.indices { enter(position) }
        }

        private mutating func enter(_ position: Int) {
            guard let size = index?.count else { return }
            var slot = keyHash(entries[position].key) & (size - 1)
            while index?[slot] ?? -1 >= 0 { slot = (slot + 1) & (size - 1) }
            index?[slot] = Int32(truncatingIfNeeded: position)
        }
    }
}

extension JSON.Object: Sequence {
    public var underestimatedCount: Int { entries.count }
    public func makeIterator() -> IndexingIterator<[Element]> { entries.makeIterator() }
}

extension JSON.Object: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}

extension JSON.Object: Hashable {
    public static func == (left: JSON.Object, right: JSON.Object) -> Bool {
        guard left.count == right.count else { return false }
        for (position, entry) in left.entries.enumerated() {
            // Mostly both have the same order; look up only where they do not.
            let other = right.entries[position]
            if sameBytes(other.key, entry.key) {
                guard other.value == entry.value else { return false }
            } else {
                guard right[entry.key] == entry.value else { return false }
            }
        }
        return true
    }

    public func hash(into hasher: inout Hasher) {
        var sum = entries.count
        for entry in entries {
            var member = Hasher()
            member.combine(keyHash(entry.key))
            member.combine(entry.value)
            sum &+= member.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSON.Object: CustomStringConvertible {
    /// The compact text.
    public var description: String { JSON.object(self).text }
}

/// Whether two strings are made of the same bytes. (`==` would call "é" and "e" + accent equal.)
func sameBytes(_ left: String, _ right: String) -> Bool {
    // Short strings are compared in registers. Unequal ones differ in bytes; equal ones are looked at again.
    guard left.utf8.count == right.utf8.count, left == right else { return false }
    let left = left.utf8, right = right.utf8
    let equal = left.withContiguousStorageIfAvailable { a in
        right.withContiguousStorageIfAvailable { b in
            a.isEmpty || memcmp(a.baseAddress!, b.baseAddress!, a.count) == 0
        }
    }
    if let equal, let equal { return equal }
    return left.elementsEqual(right)
}

/// Seeded hash of the bytes of a key, so that nobody can prepare keys that collide.
func keyHash(_ key: String) -> Int {
    var hasher = Hasher()
    if key.utf8.withContiguousStorageIfAvailable({ hasher.combine(bytes: UnsafeRawBufferPointer($0)) }) == nil {
        Array(key.utf8).withUnsafeBytes { hasher.combine(bytes: $0) }
    }
    return hasher.finalize()
}
