package import FluxJSON
internal import RFC29Hostlist

/// The `[bootstrap]` table: all brokers of an instance with their addresses, in rank order.
///
/// Source: broker-protocol 7.2 (observed: flux-core 0.88).
package struct BootstrapTable: Hashable, Sendable {
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let reason: String
        package var description: String {
            "bootstrap: config: initialize: Config file error [bootstrap]: \(reason)"
        }
    }

    package struct Host: Hashable, Sendable {
        package let name: String
        package var bind: String?
        package var connect: String?
        package var parent: String?
    }

    package private(set) var hosts: [Host] = []
    package private(set) var certificate: String?
    package private(set) var usesIPv6 = false

    package init(json: JSON) throws(Failure) {
        guard let table = json.objectValue else { throw Failure(reason: "must be a table") }
        let known: Set = ["hosts", "curve_cert", "default_port", "default_bind", "default_connect", "enable_ipv6"]
        let unknown = table.keys.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw Failure(reason: "\(unknown.count) object item(s) left unpacked: \(unknown.joined(separator: ", "))")
        }
        certificate = try Self.optionalText(table, "curve_cert")
        let bind = try Self.optionalText(table, "default_bind")
        let connect = try Self.optionalText(table, "default_connect")
        if let flag = table["enable_ipv6"] {
            guard let value = flag.boolValue else { throw Failure(reason: "enable_ipv6 must be a boolean") }
            usesIPv6 = value
        }
        let port = table["default_port"]?.intValue ?? 8050
        guard (0...65535).contains(port) else { throw Failure(reason: "default_port must be between 0 and 65535") }
        try readHosts(table["hosts"] ?? .array([]))
        for index in hosts.indices {
            hosts[index].bind = try Self.endpoint(hosts[index].bind ?? bind, host: hosts[index].name, port: port)
            hosts[index].connect = try Self.endpoint(hosts[index].connect ?? connect, host: hosts[index].name, port: port)
        }
        guard hosts.count <= 1 || certificate != nil else {
            throw Failure(reason: "curve_cert must be defined for size > 1")
        }
    }

    /// The rank of a host.
    package func rank(of name: String) -> UInt32? { hosts.firstIndex { $0.name == name }.map { UInt32($0) } }

    /// The parent of each rank for topology `custom`.
    ///
    /// - Throws: ``Failure`` for an unknown parent, a parent of rank 0, or a cycle.
    package func customParents() throws(Failure) -> [UInt32] {
        var parents = [UInt32](repeating: 0, count: hosts.count)
        for (index, host) in hosts.enumerated() {
            guard let name = host.parent else { continue }
            guard index != 0 else { throw Failure(reason: "host \(host.name) is rank 0 and must have no parent") }
            guard let parent = rank(of: name) else {
                throw Failure(reason: "host \(host.name): parent \(name) is not in hosts")
            }
            parents[index] = parent
        }
        for start in parents.indices {
            var current = start
            var steps = 0
            while current != 0 {
                current = Int(parents[current])
                steps += 1
                guard steps <= parents.count else {
                    throw Failure(reason: "host \(hosts[start].name): its parents form a cycle")
                }
            }
        }
        return parents
    }

    private mutating func readHosts(_ json: JSON) throws(Failure) {
        guard let entries = json.arrayValue else { throw Failure(reason: "hosts must be an array") }
        var index: [String: Int] = [:]
        for entry in entries {
            guard let object = entry.objectValue, let text = object["host"]?.stringValue else {
                throw Failure(reason: "hosts: each entry needs a string host")
            }
            if let key = object.keys.first(where: { !["host", "bind", "connect", "parent"].contains($0) }) {
                throw Failure(reason: "hosts: unknown key \(key) in the entry of \(text)")
            }
            let names: Hostlist
            do {
                names = try Hostlist(parsing: text)
            } catch {
                throw Failure(reason: "hosts: \(error)")
            }
            let bind = try Self.optionalText(object, "bind")
            let connect = try Self.optionalText(object, "connect")
            let parent = try Self.optionalText(object, "parent")
            for name in names {
                let position = index[name] ?? hosts.count
                if position == hosts.count {
                    index[name] = position
                    hosts.append(Host(name: name))
                }
                hosts[position].bind = hosts[position].bind ?? bind
                hosts[position].connect = hosts[position].connect ?? connect
                hosts[position].parent = hosts[position].parent ?? parent
            }
        }
    }

    private static func optionalText(_ object: JSON.Object, _ key: String) throws(Failure) -> String? {
        guard let value = object[key] else { return nil }
        guard let text = value.stringValue else { throw Failure(reason: "\(key) must be a string") }
        return text
    }

    /// Puts host and port into a template: `tcp://%h:%p`.
    private static func endpoint(_ template: String?, host: String, port: Int64) throws(Failure) -> String? {
        guard let template else { return nil }
        var text = ""
        var iterator = template.makeIterator()
        while let character = iterator.next() {
            guard character == "%" else {
                text.append(character)
                continue
            }
            switch iterator.next() {
            case "h": text += host
            case "p": text += "\(port)"
            case "%": text += "%"
            case let other: text += "%\(other.map { String($0) } ?? "")"
            }
        }
        guard text.hasPrefix("tcp://") || text.hasPrefix("ipc://") else {
            throw Failure(reason: "URI \(text) must begin with tcp:// or ipc://")
        }
        guard !text.hasSuffix(":*") else { throw Failure(reason: "URI \(text): wildcard port is not allowed") }
        return text
    }
}
