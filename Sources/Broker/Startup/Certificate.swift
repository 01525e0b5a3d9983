internal import Glibc

/// A certificate file: the CURVE key pair that all brokers of a configured instance share.
///
/// Source: broker-protocol 3.1 (observed: flux-core 0.88): ZPL text with a section `curve`.
package enum Certificate {
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// - Throws: ``Failure`` with file, line and reason; also when others may read the file.
    package static func load(_ path: String) throws(Failure) -> CurveKeys {
        var information = stat()
        guard stat(path, &information) == 0, let file = fopen(path, "re") else {
            throw Failure(description: "\(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        guard information.st_mode & 0o077 == 0 else {
            throw Failure(description: "\(path): readable by group/other (use chmod 600)")
        }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = fread(&bytes, 1, bytes.count, file)
        return try parse(String(decoding: bytes[..<count], as: UTF8.self), name: path)
    }

    package static func parse(_ text: String, name: String) throws(Failure) -> CurveKeys {
        var section = ""
        var values: [String: String] = [:]
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            func fail(_ reason: String) -> Failure { Failure(description: "\(name):\(number + 1): \(reason)") }
            guard line.utf8.count <= 255 else { throw fail("line is longer than 255 bytes") }
            let content = line.drop { $0 == " " || $0 == "\t" }
            guard let first = content.first, first != "#" else { continue }
            if content.startIndex == line.startIndex {
                section = String(content.prefix { !" \t:".contains($0) })
                continue
            }
            guard let equals = content.firstIndex(of: "=") else { throw fail("expected key = \"value\"") }
            let key = content[..<equals].filter { !" \t".contains($0) }
            let value = content[content.index(after: equals)...].filter { !" \t\"".contains($0) }
            if section == "curve" { values[String(key)] = String(value) }
        }
        guard let publicKey = values["public-key"], let secretKey = values["secret-key"] else {
            throw Failure(description: "\(name): public-key or secret-key is missing in section curve")
        }
        let keys = CurveKeys(publicKey: publicKey, secretKey: secretKey)
        guard publicKey.utf8.count == 40, secretKey.utf8.count == 40, keys.match else {
            throw Failure(description: "\(name): public-key and secret-key do not belong together")
        }
        return keys
    }
}
