public import FluxJSON
public import RFC22Idset

/// Why a resource set could not be read or changed.
public struct ResourceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of mistakes.
    public enum Reason: Hashable, Sendable {
        /// A JSON value has another type than RFC 20 says.
        case payload(PayloadError)
        /// The text is not JSON.
        case text(JSON.ParseError)
        /// The version is not 1.
        case version(Int64)
        /// A text is not an idset; the text and where it is.
        case idset(String, path: String)
        /// A text is not a hostlist; the text and where it is, empty for an argument.
        case hostlist(String, path: String)
        /// A resource of the rank occurs twice.
        case overlap(rank: UInt32)
        /// The number of host names is not the number of nodes.
        case hostCount(Int, nodeCount: Int)
        /// More nodes than ``ResourceSet/maximumNodeCount``.
        case tooManyNodes
        /// Ranks that are not in the set.
        case unknownRanks(Idset)
        /// Hosts that are not in the set, as a hostlist.
        case unknownHosts(String)
        /// A host of a new ranking is not in the set, or not so often.
        case hostNotFound(String)
        /// A property name contains a character that RFC 20 forbids.
        case invalidCharacter(Character, property: String)
        /// Properties are not an object.
        case propertiesNotAnObject
        /// The ranks of a property are not a string; the value as JSON.
        case propertyNotAString(String)
        /// An entry of a resource configuration, counted from 0, is wrong.
        case config(index: Int, String)
        /// A resource configuration as a whole is wrong.
        case configuration(String)
    }

    /// What is wrong.
    public let reason: Reason

    /// An error with a reason.
    public init(_ reason: Reason) { self.reason = reason }

    /// One sentence for a person.
    public var description: String {
        switch reason {
        case .payload(let error): error.description
        case .text(let error): error.description
        case .version(let version): "invalid version=\(version)"
        case .idset(let text, let path): "invalid idset '\(text)'" + (path.isEmpty ? "" : " specified for \(path)")
        case .hostlist(let text, let path): "invalid hostlist '\(text)'" + (path.isEmpty ? "" : " in \(path)")
        case .overlap(let rank): "resources of rank \(rank) overlap"
        case .hostCount(let hosts, let nodes) where hosts > nodes:
            "Number of hosts (\(hosts)) is greater than node count (\(nodes))"
        case .hostCount(let hosts, let nodes): "Number of hosts (\(hosts)) is less than node count (\(nodes))"
        case .tooManyNodes: "resource set has more than \(ResourceSet.maximumNodeCount) nodes"
        case .unknownRanks(let ranks):
            "\(ranks.count == 1 ? "rank" : "ranks") \(ranks) not found in target resource list"
        case .unknownHosts(let hosts): "invalid hosts: \(hosts)"
        case .hostNotFound(let host): "Host \(host) not found in resources"
        case .invalidCharacter(let character, let property):
            "invalid character '\(character)' in property \"\(property)\""
        case .propertiesNotAnObject: "properties must be an object"
        case .propertyNotAString(let value): "properties value '\(value)' not a string"
        case .config(let index, let text): "config[\(index)]: \(text)"
        case .configuration(let text): text
        }
    }
}
