internal import CSystemShims
internal import Glibc

/// Which of this host's addresses the others should use.
package enum InterfaceAddress {
    /// The IPv4 address that a hint names: `default-route`, `hostname`, or the name of an interface.
    package static func find(hint: String) -> String? {
        let all = addresses()
        switch hint {
        case "default-route": return defaultRoute().flatMap { name in all.first { $0.name == name }?.address } ?? any(all)
        case "hostname": return any(all)
        default:
            if let network = Network(text: hint) { return all.first { network.contains($0.address) }?.address }
            return all.first { $0.name == hint }?.address
        }
    }

    /// A range of IPv4 addresses such as `127.0.0.0/8`.
    private struct Network {
        let base: UInt32
        let mask: UInt32

        init?(text: String) {
            let parts = text.split(separator: "/")
            guard parts.count == 2, let base = Self.number(String(parts[0])), let bits = Int(parts[1]),
                (0...32).contains(bits)
            else { return nil }
            mask = bits == 0 ? 0 : ~UInt32(0) << UInt32(32 - bits)
            self.base = base & mask
        }

        func contains(_ address: String) -> Bool { Self.number(address).map { $0 & mask == base } ?? false }

        private static func number(_ address: String) -> UInt32? {
            let parts = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
            guard parts.count == 4 else { return nil }
            var result: UInt32 = 0
            for part in parts {
                guard let part else { return nil }
                result = result << 8 | UInt32(part)
            }
            return result
        }
    }

    /// The host of a `tcp://HOST:PORT` endpoint when no address is known for it.
    package static func unresolvedHost(of endpoint: String) -> String? {
        guard endpoint.hasPrefix("tcp://") else { return nil }
        let rest = endpoint.dropFirst("tcp://".count)
        guard let colon = rest.lastIndex(of: ":") else { return nil }
        let host = String(rest[..<colon].filter { $0 != "[" && $0 != "]" })
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, nil, &list) == 0 else { return host }
        freeaddrinfo(list)
        return nil
    }

    private static func any(_ all: [(name: String, address: String)]) -> String? {
        (all.first { $0.name != "lo" } ?? all.first)?.address
    }

    /// The interface of the default route, from the kernel's table.
    private static func defaultRoute() -> String? {
        guard let file = fopen("/proc/net/route", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, 512, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let fields = text.split { $0 == "\t" || $0 == " " }
            if fields.count > 2, fields[1] == "00000000" { return String(fields[0]) }
        }
        return nil
    }

    private static func addresses() -> [(name: String, address: String)] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var result: [(String, String)] = []
        var entry = list
        while let current = entry {
            entry = current.pointee.ifa_next
            guard let address = current.pointee.ifa_addr, Int32(address.pointee.sa_family) == AF_INET else { continue }
            var text = [CChar](repeating: 0, count: 64)
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                var ip = pointer.pointee.sin_addr
                _ = inet_ntop(AF_INET, &ip, &text, 64)
            }
            let ip = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            result.append((String(cString: current.pointee.ifa_name), ip))
        }
        return result
    }
}
