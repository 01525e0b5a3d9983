package import FluxJSON
package import Reactor

/// How a broker learns who it is and finds the others.
package struct Boot {
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// The name that attribute `broker.boot-method` shows.
    package let method: String
    package let result: BootResult

    /// Picks the first method that fits, as `broker.boot-method` or the environment say.
    package static func choose(
        environment: [String: String], configuration: JSON, attributes: AttributeTable, hostname: String, uuid: String
    ) throws(Failure) -> Boot {
        Boot(method: "single", result: BootResult(rank: 0, size: 1, uuid: uuid))
    }

    /// Exchanges addresses with the others and sets the attributes that follow from it.
    package func connect(_ attributes: inout AttributeTable, rundir: String, reactor: Reactor) throws(Failure) {
        let hostname = attributes["hostname"] ?? BrokerStartup.hostname()
        attributes.putDefault("hostlist", hostname)
        attributes.put("broker.boot-method", method)
        attributes.put("broker.mapping", "[[0,1,1,1]]")
        attributes.putDefault("broker.critical-ranks", "0")
        attributes.put("tbon.level", "0")
        attributes.put("tbon.maxlevel", "0")
        attributes.put("tbon.descendants", "0")
    }

    package func makeNetwork(_ attributes: AttributeTable, reactor: Reactor) throws -> any OverlayNetwork {
        SingletonNetwork()
    }
}
