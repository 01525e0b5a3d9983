import Glibc

/// What brokers hold and burn when nothing happens.
extension Row {
    static var idle: [Row] {
        [
            memory(1, "memory of an idle broker (PSS)", 8),
            memory(64, "memory per idle broker of 64 (PSS)", 2),
            rest(1, "idle broker"), rest(4, "idle broker of 4"),
        ]
    }

    private static func memory(_ size: Int, _ title: String, _ budget: Double) -> Row {
        let figure = Figure(title, .bytes, budget: budget * 1_048_576)
        return Row("idle-memory\(size)", rounds: 1, quick: size > 4 ? 0 : 1, [figure]) { side throws(Failure) in
            // Nothing else may run: what is shared with another instance's brokers would count half.
            side.end()
            let instance = try side.instance(size)
            sleep(2)
            defer { side.end() }
            return [Double(instance.brokerMemory) / Double(size)]
        }
    }

    private static func rest(_ size: Int, _ title: String) -> Row {
        let figures = [Figure("CPU per second, \(title)"), Figure("  wake-ups per second", .count)]
        return Row("idle-cpu\(size)", rounds: 1, figures) { side throws(Failure) in
            let instance = try side.instance(size), seconds = side.isQuick ? 4 : 20
            sleep(2)
            let before = instance.activity
            sleep(UInt32(seconds))
            let after = instance.activity, share = Double(seconds * size)
            return [(after.cpu - before.cpu) / share, Double(after.wakeUps - before.wakeUps) / share]
        }
    }
}
