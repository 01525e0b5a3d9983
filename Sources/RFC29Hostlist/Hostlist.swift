/// An ordered list of host names, in which names may repeat.
///
/// Stored as ranges of names that differ in the number at their end, so a list of a million hosts
/// `node[0-1048575]` costs as much as a single host.
///
/// ```swift
/// var hosts = try Hostlist(parsing: "node[0-3],login")
/// hosts.count                     // 5
/// hosts[3]                        // "node3"
/// hosts.firstIndex(of: "login")   // 4
/// hosts.remove(try Hostlist(parsing: "node[1-2]"))
/// hosts.description               // "node[0,3],login"
/// ```
///
/// Two lists are equal when they name the same hosts in the same order.
///
/// Source: RFC 29. Where the RFC is silent the list behaves as flux-core's hostlist library does.
public struct Hostlist: Sendable {
    /// Largest number of hosts a range in brackets may have, 1048576. Source: flux-core.
    public static let maximumRangeCount = 1 << 20
    /// Largest number of hosts a text may name, 4194304.
    public static let maximumCount = 1 << 22
    /// Most bytes that names with something behind the brackets, which are stored one by one, may take: 64 MiB.
    public static let maximumExpandedBytes = 1 << 26
    /// Longest accepted host name in bytes, 1023.
    public static let maximumNameBytes = 1023

    /// The ranges, in list order.
    private(set) var ranges: [HostRange] = []
    /// `starts[i]` is the position of the first host of `ranges[i]`.
    private var starts: [Int] = []
    /// Number of hosts.
    public private(set) var count = 0

    /// An empty list.
    public init() {}

    /// A list of ranges, which are kept as they are.
    init(ranges: [HostRange]) {
        self.ranges = ranges
        starts.reserveCapacity(ranges.count)
        for range in ranges {
            starts.append(count)
            count += range.count
        }
    }

    /// The given hosts, each a plain host name.
    ///
    /// - Throws: ``ParseError`` when one is empty or contains a character that host names cannot contain.
    public init(hosts: some Sequence<String>) throws(ParseError) {
        for host in hosts { try append(host: host) }
    }

    /// Appends one plain host name.
    ///
    /// - Throws: ``ParseError`` when it is empty or contains a character that host names cannot contain.
    public mutating func append(host: String) throws(ParseError) {
        try Self.checkName(host)
        append(HostRange(name: host))
    }

    /// Appends the hosts of another list.
    public mutating func append(contentsOf other: Hostlist) {
        for range in other.ranges { append(range) }
    }

    /// Appends the hosts that `text` names; the list is unchanged when the text is not a hostlist.
    ///
    /// - Returns: how many hosts were appended.
    @discardableResult
    public mutating func append(parsing text: String) throws(ParseError) -> Int {
        let other = try Hostlist(parsing: text)
        append(contentsOf: other)
        return other.count
    }

    /// Removes all hosts.
    public mutating func removeAll() { self = Hostlist() }

    /// Removes and returns the host at `position`.
    ///
    /// - Complexity: linear in the number of ranges.
    @discardableResult
    public mutating func remove(at position: Int) -> String {
        let place = self.place(of: position)
        let name = ranges[place.range].name(at: place.offset)
        var result = ranges
        let range = ranges[place.range]
        var parts: [HostRange] = []
        if place.offset > 0 { parts.append(range.part(0..<place.offset)) }
        if place.offset + 1 < range.count { parts.append(range.part((place.offset + 1)..<range.count)) }
        result.replaceSubrange(place.range...place.range, with: parts)
        self = Hostlist(ranges: result)
        return name
    }

    /// Position of the first host with this name, or nil.
    ///
    /// - Complexity: linear in the number of ranges; ``HostIndex`` is faster for many names.
    public func firstIndex(of name: String) -> Int? {
        let name = HostName(name)
        for index in ranges.indices {
            if let offset = name.offset(in: ranges[index]) { return starts[index] + offset }
        }
        return nil
    }

    /// Whether a host has this name.
    public func contains(_ name: String) -> Bool { firstIndex(of: name) != nil }

    mutating func append(_ range: HostRange) {
        count += range.count
        if let last = ranges.indices.last, ranges[last].extend(by: range) { return }
        starts.append(count - range.count)
        ranges.append(range)
    }

    /// Index of the range that holds the host at `position`, and the place of the host in it.
    func place(of position: Int) -> (range: Int, offset: Int) {
        precondition(position >= 0 && position < count, "hostlist position out of range")
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= position { low = middle } else { high = middle }
        }
        return (low, position - starts[low])
    }
}
