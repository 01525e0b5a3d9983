internal import CSystemShims
internal import Glibc
internal import RFC22Idset

/// Which processors each core has, in the order in which resource sets number cores: by package, then by shared cache,
/// then by the first processor; only what this process may use.
///
/// Read from /sys, because the machine's whole topology as XML costs more than a job.
struct CoreTopology {
    /// Processors by core number.
    let cores: [Idset]

    /// A processor and what it shares with others, as lists of processors.
    struct Processor {
        var id: UInt32
        var siblings: Idset
        var cache: Idset
        var package: Idset
    }

    init(_ processors: [Processor], allowed: Idset) {
        var seen = Idset()
        var found: [(package: UInt32, cache: UInt32, core: Idset)] = []
        for processor in processors where allowed.contains(processor.id) && !seen.contains(processor.id) {
            let core = processor.siblings.intersection(allowed).union([processor.id])
            seen.formUnion(core)
            found.append((processor.package.first ?? 0, processor.cache.first ?? processor.package.first ?? 0, core))
        }
        found.sort { ($0.package, $0.cache, $0.core.first ?? 0) < ($1.package, $1.cache, $1.core.first ?? 0) }
        cores = found.map(\.core)
    }

    /// The machine's own topology.
    static func read() -> CoreTopology {
        let allowed = allowedProcessors()
        let processors = allowed.map { id -> Processor in
            let folder = "/sys/devices/system/cpu/cpu\(id)"
            let siblings = list("\(folder)/topology/core_cpus_list") ?? list("\(folder)/topology/thread_siblings_list")
            let package = list("\(folder)/topology/package_cpus_list") ?? list("\(folder)/topology/core_siblings_list")
            return Processor(
                id: id, siblings: siblings ?? [id],
                cache: list("\(folder)/cache/index3/shared_cpu_list") ?? Idset(), package: package ?? Idset())
        }
        return CoreTopology(processors, allowed: allowed)
    }

    private static func allowedProcessors() -> Idset {
        var mask = [UInt8](repeating: 0, count: 1024)
        let count = flux_get_affinity(&mask, mask.count)
        guard count > 0 else { return Idset() }
        var result = Idset()
        for (index, byte) in mask.prefix(Int(count)).enumerated() where byte != 0 {
            for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 { result.insert(UInt32(index * 8 + bit)) }
        }
        return result
    }

    private static func list(_ path: String) -> Idset? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return try? Idset(parsing: String(decoding: bytes[..<count].prefix { $0 != 0x0a }, as: UTF8.self))
    }

    /// The processors of some cores; nil when one of them is not there.
    func processors(of numbers: Idset) -> Idset? {
        var result = Idset()
        for number in numbers {
            guard cores.indices.contains(Int(number)) else { return nil }
            result.formUnion(cores[Int(number)])
        }
        return result
    }
}
