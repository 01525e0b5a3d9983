internal import RFC22Idset

/// Sets of processors as users write them: `0-3,5`, `0x2f`, or words of 32 bits as hwloc has them, `0x1,0xffffffff`.
enum CPUList {
    /// - Returns: nil when the text is none of the forms or names no processor.
    static func parse(_ text: String) -> Idset? {
        let result = text.hasPrefix("0x") ? mask(text) : try? Idset(parsing: text)
        return result?.isEmpty == false ? result : nil
    }

    private static func mask(_ text: String) -> Idset? {
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        var result = Idset()
        if words.count == 1 {
            for (position, digit) in words[0].dropFirst(2).reversed().enumerated() {
                guard let value = digit.hexDigitValue, position < 4096 else { return nil }
                insert(UInt32(value), at: UInt32(position * 4), into: &result)
            }
            return result
        }
        for (position, word) in words.reversed().enumerated() {
            guard word.hasPrefix("0x"), let value = UInt32(word.dropFirst(2), radix: 16), position < 512 else {
                return nil
            }
            insert(value, at: UInt32(position * 32), into: &result)
        }
        return result
    }

    private static func insert(_ bits: UInt32, at offset: UInt32, into set: inout Idset) {
        for bit in 0..<UInt32(32) where bits >> bit & 1 == 1 { set.insert(offset + bit) }
    }

    /// The sets of a list `A;B;…`, one for each task; the list begins again when it is too short.
    static func perTask(_ text: String, count: Int) throws(ShellExit) -> [Idset] {
        var sets: [Idset] = []
        for part in text.split(separator: ";").prefix(count) {
            guard let set = parse(String(part)) else {
                throw ShellExit(1, "cpuset \(part) contains no cores or is invalid", component: "affinity")
            }
            sets.append(set)
        }
        guard !sets.isEmpty else {
            throw ShellExit(1, "no cpusets found in affinity list \(text)", component: "affinity")
        }
        return (0..<count).map { sets[$0 % sets.count] }
    }

    /// Tasks over cores: neighbours share a core when there are more of them than cores, and have several when there
    /// are fewer.
    ///
    /// - Parameter cores: processors of each core.
    static func distribute(_ count: Int, over cores: [Idset]) -> [Idset] {
        let total = cores.reduce(0) { $0 + $1.count }
        guard total > 0, count > 0 else { return [] }
        var result: [Idset] = []
        var given = 0
        for core in cores {
            let before = (given * count + total - 1) / total
            given += core.count
            let share = (given * count + total - 1) / total - before
            if share > 0 {
                result += Array(repeating: core, count: share)
            } else if let last = result.indices.last {
                result[last].formUnion(core)
            }
        }
        return result
    }

    /// The mask that the kernel takes.
    static func bytes(_ set: Idset) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: (Int(set.last ?? 0) / 64 + 1) * 8)
        for processor in set { result[Int(processor / 8)] |= 1 << UInt8(processor % 8) }
        return result
    }
}
