internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC29Hostlist

/// Collects what brokers say about their lost children, grouped by text.
@Sendable func showOverlayErrors(_ arguments: Arguments) throws -> Int32 {
    let seconds = try timeout(arguments)
    return try Session.run(arguments) { flux in
        let hosts = try await HostMap(of: flux)
        var errors: [(text: String, hosts: Hostlist)] = []
        func note(_ rank: UInt32, _ text: String) {
            guard let name = hosts.name(of: rank) else { return }
            let index = errors.firstIndex { $0.text == text } ?? errors.count
            if index == errors.count { errors.append((text, Hostlist())) }
            try? errors[index].hosts.append(host: name)
        }
        var waiting: [UInt32] = [0]
        while !waiting.isEmpty {
            let rank = waiting.removeFirst()
            do {
                let answer = try await flux.query("overlay.health", nodeID: rank, within: seconds)
                for child in answer["children"]?.arrayValue ?? [] {
                    guard let number = (child["rank"]?.intValue).flatMap({ UInt32(exactly: $0) }) else { continue }
                    let status = child["status"]?.stringValue ?? ""
                    if status == "lost" || status == "offline" {
                        if let text = child["error"]?.stringValue, !text.isEmpty { note(number, text) }
                    } else if status != "full" || child["error"] != nil {
                        waiting.append(number)
                    }
                }
            } catch {
                note(rank, "\(error)")
            }
        }
        for error in errors { print("\(error.hosts): \(error.text)") }
        return 0
    }
}
