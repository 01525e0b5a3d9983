/// What a process manager tells a rank through its environment.
///
/// Source: RFC 13, "Environment".
public struct PMIEnvironment: Hashable, Sendable {
    /// Number of the inherited descriptor.
    public var fileDescriptor: Int32
    /// 0 … size-1.
    public var rank: Int
    /// Ranks of the program, at least 1.
    public var size: Int
    /// Whether another program started this one.
    public var isSpawned: Bool

    public init(fileDescriptor: Int32, rank: Int, size: Int, isSpawned: Bool = false) {
        self.fileDescriptor = fileDescriptor
        self.rank = rank
        self.size = size
        self.isSpawned = isSpawned
    }

    /// Reads `PMI_FD`, `PMI_RANK`, `PMI_SIZE`, `PMI_SPAWNED`; nil when one of the first three is missing or no number.
    public init?(_ environment: [String: String]) {
        guard let fd = environment["PMI_FD"].flatMap({ Int32($0) }), fd >= 0,
            let rank = environment["PMI_RANK"].flatMap({ Int($0) }), rank >= 0,
            let size = environment["PMI_SIZE"].flatMap({ Int($0) }), size >= 1
        else { return nil }
        let spawned = environment["PMI_SPAWNED"].flatMap { Int($0) } ?? 0
        self.init(fileDescriptor: fd, rank: rank, size: size, isSpawned: spawned != 0)
    }

    /// The variables to set for a rank.
    public var variables: [String: String] {
        var result = ["PMI_FD": "\(fileDescriptor)", "PMI_RANK": "\(rank)", "PMI_SIZE": "\(size)"]
        if isSpawned { result["PMI_SPAWNED"] = "1" }
        return result
    }
}
