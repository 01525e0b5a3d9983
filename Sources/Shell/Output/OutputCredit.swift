/// How many messages a follower may still send to its leader. A value without I/O.
struct OutputCredit {
    enum Directive: Hashable {
        /// Ask the leader for more.
        case ask(Int)
        case pauseTasks
        case resumeTasks
    }

    let lowWater: Int
    let highWater: Int
    private(set) var credits: Int
    private var isAsking = false
    private var isPaused = false

    init(lowWater: Int, highWater: Int) {
        self.lowWater = lowWater
        self.highWater = highWater
        credits = highWater
    }

    mutating func sent() -> [Directive] {
        credits -= 1
        var result: [Directive] = []
        if credits <= lowWater, !isAsking {
            isAsking = true
            result.append(.ask(highWater))
        }
        if credits <= 0, !isPaused {
            isPaused = true
            result.append(.pauseTasks)
        }
        return result
    }

    mutating func granted(_ count: Int) -> [Directive] {
        isAsking = false
        credits += count
        var result: [Directive] = []
        if credits <= lowWater {
            isAsking = true
            result.append(.ask(highWater))
        }
        if credits > 0, isPaused {
            isPaused = false
            result.append(.resumeTasks)
        }
        return result
    }
}
