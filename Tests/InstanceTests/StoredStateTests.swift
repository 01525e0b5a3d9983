import Glibc
import Testing

extension InstanceTests {
    @Test("a kept state directory: keys survive, each run is in the log of starts")
    func restart() throws {
        try inPlace { place in
            let state = "\(place.folder)/state"
            mkdir(state, 0o700)
            #expect(place.flux("start", "-Sstatedir=\(state)", "flux", "kvs", "put", "a=1").status == 0)
            let second = place.flux("start", "-Sstatedir=\(state)", "sh", "-c", "flux kvs get a; flux startlog --check")
            #expect(second.status == 0, "\(second.errors)")
            let lines = second.output.split(separator: "\n")
            #expect(lines.count == 3 && lines.first == "1", "\(second.output)")
            #expect(lines.last?.contains("running") == true)
        }
    }

    @Test("a dump at the end is what the next instance starts with; one that is missing is no reason to forget the state")
    func dumpAndRestore() throws {
        try inPlace { place in
            let state = "\(place.folder)/state", archive = "\(place.folder)/dump.tgz"
            mkdir(state, 0o700)
            let first = place.flux("start", "-Scontent.dump=\(archive)", "flux", "kvs", "put", "a.b=kept")
            #expect(first.status == 0, "\(first.errors)")
            let restored = place.flux(
                "start", "-Sstatedir=\(state)", "-Scontent.restore=\(archive)", "flux", "kvs", "get", "a.b")
            #expect(restored.output == "kept\n", "\(restored.errors)")
            let missing = place.flux("start", "-Sstatedir=\(state)", "-Scontent.restore=\(archive).none", "true")
            #expect(missing.status != 0)
            #expect(missing.errors.contains("\(archive).none: No such file or directory"), "\(missing.errors)")
            let again = place.flux("start", "-Sstatedir=\(state)", "flux", "kvs", "get", "a.b")
            #expect(again.output == "kept\n", "\(again.errors)")
        }
    }

    @Test("a store that is damaged is not started from, and not touched", arguments: ["garbage", "cut"])
    func damagedStore(kind: String) throws {
        try inPlace { place in
            let state = "\(place.folder)/state", file = "\(place.folder)/state/content.sqlite"
            mkdir(state, 0o700)
            let fill = "for i in 1 2 3 4 5 6 7 8; do flux kvs put k$i=$(head -c 9000 /dev/urandom | base64 -w0); done"
            #expect(place.flux("start", "-Sstatedir=\(state)", "sh", "-c", fill).status == 0)
            if kind == "garbage" {
                _ = place.file("state/content.sqlite", "this is not a database, however long one looks at it")
            } else {
                #expect(truncate(file, 20_480) == 0)
            }
            let before = try #require(checksum(file))
            let outcome = place.flux("start", "-Sstatedir=\(state)", "true")
            #expect(outcome.status != 0)
            #expect(outcome.errors.contains(file), "\(outcome.errors)")
            #expect(checksum(file) == before)
        }
    }

    @Test("files go into the KVS and come out")
    func archive() throws {
        try inPlace { place in
            _ = place.file("small", "text")
            _ = place.file("large", String(repeating: "0123456789", count: 500))
            let commands = """
                flux archive create small large && mkdir out && flux archive extract -C out &&
                cmp small out/small && cmp large out/large && flux archive list -l && flux archive remove &&
                ! flux archive list
                """
            let outcome = place.flux("start", "sh", "-c", commands)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output == "f 0644        4 small\nf 0644     5000 large\n")
        }
    }

    /// Changes when the bytes of a file do.
    private func checksum(_ path: String) -> Int? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var sum = 5381, area = [UInt8](repeating: 0, count: 65536)
        while case let count = read(descriptor, &area, area.count), count > 0 {
            for byte in area[..<count] { sum = sum &* 33 &+ Int(byte) }
        }
        return sum
    }
}
