/// An idset in a universe `0 ..< size`, which can also hand out its ids.
///
/// Where ``Idset`` is the mathematical set, this value has the limits of flux-core's `idset_create`: ids outside the
/// universe are refused unless it may grow, and a set that starts full serves as an allocator of ids.
///
/// ```swift
/// var free = try BoundedIdset(size: 4, options: .initFull)
/// try free.allocate()     // 0
/// try free.allocate()     // 1
/// try free.free(0)
/// try free.allocate()     // 0
/// ```
public struct BoundedIdset: Hashable, Sendable {
    /// How the universe behaves.
    public struct Options: OptionSet, Hashable, Sendable {
        /// The bits of flux-core's `enum idset_flags`.
        public let rawValue: UInt8
        /// Wraps the bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// The universe doubles until an id fits.
        public static let autogrow = Options(rawValue: 1)
        /// The set starts full, and what the universe gains by growing is full too.
        public static let initFull = Options(rawValue: 8)
        /// Allocation continues behind the id it gave out last instead of taking the smallest.
        public static let roundRobin = Options(rawValue: 32)
    }

    /// Why an operation was refused.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The two largest 32 bit numbers are markers, not ids.
        case invalidID
        /// The id is outside the universe, which may not grow.
        case outsideUniverse
        /// The universe would become larger than ``Idset/maximumID`` + 1.
        case tooLarge
        /// The universe would be empty.
        case emptyUniverse
        /// Ids are handed out only from a set that started full.
        case notAnAllocator
        /// No id is free, and the universe may not grow.
        case exhausted
        /// The id is free already.
        case alreadyFree
        /// The text is not an idset.
        case text(Idset.ParseError)

        /// One sentence for a person.
        public var description: String {
            switch self {
            case .invalidID: "idset: invalid id"
            case .outsideUniverse: "idset: id is outside the set's universe"
            case .tooLarge: "idset: set universe size would exceed maximum"
            case .emptyUniverse: "idset: cannot create an empty idset"
            case .notAnAllocator: "idset: ids are allocated only from a set created full"
            case .exhausted: "idset: all ids are allocated"
            case .alreadyFree: "idset: id is already free"
            case .text(let error): error.description
            }
        }
    }

    /// The size a universe has when none is given.
    public static let defaultSize = 1024
    /// The largest size of a universe.
    public static let maximumSize = Int(Idset.maximumID) + 1

    /// The ids in the set; all are less than ``size``.
    public private(set) var members: Idset
    /// Size of the universe: ids are `0 ..< size`.
    public private(set) var size: Int
    /// How the universe behaves.
    public let options: Options
    private var lastAllocated: UInt32?

    /// An empty set, or a full one with ``Options/initFull``.
    public init(size: Int = defaultSize, options: Options = []) throws(Failure) {
        guard size > 0 else { throw .emptyUniverse }
        guard size <= Self.maximumSize else { throw .tooLarge }
        self.size = size
        self.options = options
        members = options.contains(.initFull) ? Idset(0...UInt32(size - 1)) : Idset()
    }

    /// Reads a text into a universe of the given size.
    public init(parsing text: String, size: Int = defaultSize, options: Options = []) throws(Failure) {
        try self.init(size: size, options: options)
        try formUnion(Self.read(text))
    }

    /// Reads a text into the smallest universe that holds its ids.
    ///
    /// - Throws: ``Failure/emptyUniverse`` when the text names no id and the universe may not grow.
    public init(fitting text: String, options: Options = []) throws(Failure) {
        let set = try Self.read(text)
        let size = set.last.map { Int($0) + 1 } ?? (options.contains(.autogrow) ? 1 : 0)
        try self.init(size: size, options: options)
        try formUnion(set)
    }

    /// Adds `id`. In a set that started full an id outside the universe is ignored.
    public mutating func insert(_ id: UInt32) throws(Failure) { try insert(id...id) }

    /// Adds a range of ids. In a set that started full ids outside the universe are ignored.
    public mutating func insert(_ range: ClosedRange<UInt32>) throws(Failure) {
        try check(range)
        if options.contains(.initFull) {
            guard range.lowerBound < size else { return }
            members.insert(range.lowerBound...min(range.upperBound, UInt32(size - 1)))
        } else {
            try grow(toHold: range.upperBound)
            members.insert(range)
        }
    }

    /// Removes `id`. Unless the set started full, an id outside the universe is ignored.
    public mutating func remove(_ id: UInt32) throws(Failure) { try remove(id...id) }

    /// Removes a range of ids. Unless the set started full, ids outside the universe are ignored.
    public mutating func remove(_ range: ClosedRange<UInt32>) throws(Failure) {
        try check(range)
        if options.contains(.initFull) { try grow(toHold: range.upperBound) }
        members.remove(range)
    }

    /// Takes an id out of the set: the smallest, or with ``Options/roundRobin`` the next after the last one taken.
    public mutating func allocate() throws(Failure) -> UInt32 {
        guard options.contains(.initFull) else { throw .notAnAllocator }
        if members.isEmpty {
            guard options.contains(.autogrow) else { throw .exhausted }
            try grow(toHold: UInt32(size))
        }
        let following = options.contains(.roundRobin) ? lastAllocated.flatMap { members.next(after: $0) } : nil
        guard let id = following ?? members.first else { throw .exhausted }
        members.remove(id)
        lastAllocated = id
        return id
    }

    /// Puts an allocated id back.
    ///
    /// - Throws: ``Failure/alreadyFree`` when it was not allocated.
    public mutating func free(_ id: UInt32) throws(Failure) {
        guard options.contains(.initFull) else { throw .notAnAllocator }
        try check(id...id)
        guard id < size else { throw .outsideUniverse }
        guard members.insert(id).inserted else { throw .alreadyFree }
    }

    /// Adds every id of `other`, growing as `insert` would; nothing changes when one is refused.
    ///
    /// - Complexity: linear in the number of ranges of both sets.
    public mutating func formUnion(_ other: Idset) throws(Failure) {
        guard let last = other.last else { return }
        try check(last...last)
        if options.contains(.initFull) {
            members.formUnion(other.intersection(Idset(0...UInt32(size - 1))))
        } else {
            try grow(toHold: last)
            members.formUnion(other)
        }
    }

    /// Removes every id of `other`; nothing changes when one is refused.
    ///
    /// - Complexity: linear in the number of ranges of both sets.
    public mutating func subtract(_ other: Idset) throws(Failure) {
        guard let last = other.last else { return }
        try check(last...last)
        if options.contains(.initFull) { try grow(toHold: last) }
        members.subtract(other)
    }

    private static func read(_ text: String) throws(Failure) -> Idset {
        do { return try Idset(parsing: text) } catch { throw .text(error) }
    }

    private func check(_ range: ClosedRange<UInt32>) throws(Failure) {
        guard range.upperBound < .max - 1 else { throw .invalidID }
    }

    private mutating func grow(toHold id: UInt32) throws(Failure) {
        guard id >= size else { return }
        guard id <= Idset.maximumID else { throw .tooLarge }
        guard options.contains(.autogrow) else { throw .outsideUniverse }
        let oldSize = size
        while size <= id { size = min(size * 2, Self.maximumSize) }
        if options.contains(.initFull) { members.insert(UInt32(oldSize)...UInt32(size - 1)) }
    }
}
