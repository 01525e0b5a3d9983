package import FluxJSON

/// What the services inside the broker keep for the methods that every module has: counters and debug flags.
package struct BuiltinStates: Sendable {
    package struct State: Hashable, Sendable {
        package var requests: Int64 = 0
        package var responses: Int64 = 0
        package var events: Int64 = 0
        package var debug: Int64 = 0

        package init() {}

        /// What `stats-get` shows.
        package var statistics: JSON {
            [
                "tx": ["request": 0, "response": .int(responses), "event": 0, "control": 0],
                "rx": ["request": .int(requests), "response": 0, "event": .int(events), "control": 0],
            ]
        }
    }

    /// The services that answer the standard methods of modules although they are no modules.
    package static let names: Set<String> = ["broker", "config", "connector-local", "overlay"]

    private var states: [String: State] = [:]

    package init() {}

    package subscript(name: String) -> State {
        get { states[name] ?? State() }
        set { states[name] = newValue }
    }

    package mutating func countRequest(_ topic: String) { change(topic) { $0.requests += 1 } }
    package mutating func countResponse(_ topic: String) { change(topic) { $0.responses += 1 } }

    /// An event may ask a service to forget its counters.
    package mutating func countEvent(_ topic: String) {
        guard topic.hasSuffix(".stats-clear") else { return }
        change(topic) { $0 = State(clearing: $0) }
    }

    package mutating func clear(_ name: String) { change(name) { $0 = State(clearing: $0) } }

    /// Changes the debug flags as `NAME.debug` asks.
    ///
    /// - Returns: the new flags; nil for an unknown operation.
    package mutating func changeDebug(_ name: String, operation: String, flags: Int64) -> Int64? {
        var value = self[name].debug
        switch operation {
        case "setbit": value |= flags
        case "clrbit": value &= ~flags
        case "set": value = flags
        case "clr": value = 0
        default: return nil
        }
        self[name].debug = value
        return value
    }

    private mutating func change(_ topic: String, _ body: (inout State) -> Void) {
        let name = String(topic[..<(topic.utf8.firstIndex(of: UInt8(ascii: ".")) ?? topic.endIndex)])
        guard Self.names.contains(name) else { return }
        body(&states[name, default: State()])
    }
}

extension BuiltinStates.State {
    /// Counters from zero; the flags stay.
    init(clearing old: Self) {
        self.init()
        debug = old.debug
    }
}
