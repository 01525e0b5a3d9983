internal import CHwloc
internal import Glibc
package import RFC20R
package import RFC22Idset

/// What hwloc finds on this machine, within the cpuset of this process.
package struct HardwareProbe: Hashable, Sendable {
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Logical indexes of cores.
    package let cores: Idset
    /// Logical indexes of GPUs.
    package let gpus: Idset
    /// The host that the topology was taken on, where it is known.
    package let hostName: String?

    package init() throws(Failure) {
        let topology = try HwlocTopology(withDevices: Self.hasAccelerator)
        cores = Idset(0..<topology.count(of: HWLOC_OBJ_CORE, orElse: HWLOC_OBJ_PU))
        gpus = Idset(0..<topology.gpuCount)
        hostName = topology.hostName
    }

    /// What a topology says that hwloc has written as XML.
    package init(xml: String) throws(Failure) {
        let topology = try HwlocTopology(xml: xml)
        cores = Idset(0..<topology.count(of: HWLOC_OBJ_CORE, orElse: HWLOC_OBJ_PU))
        gpus = Idset(0..<topology.gpuCount)
        hostName = topology.hostName
    }

    /// Whether a driver for GPUs is there at all. Looking for devices takes hwloc 80 ms where cores take 3 ms.
    private static var hasAccelerator: Bool {
        access("/dev/nvidiactl", F_OK) == 0 || access("/dev/kfd", F_OK) == 0 || access("/dev/dri", F_OK) == 0
    }

    /// The whole topology as XML, as `resource.topo-get` gives it.
    package static func xml() throws(Failure) -> String { try HwlocTopology(withDevices: true).xml() }
}

/// A topology that destroys itself.
private struct HwlocTopology: ~Copyable {
    private var raw: hwloc_topology_t

    init(withDevices: Bool) throws(HardwareProbe.Failure) {
        var topology: hwloc_topology_t?
        guard hwloc_topology_init(&topology) == 0, let topology else {
            throw HardwareProbe.Failure(description: "hwloc_topology_init failed")
        }
        if withDevices { hwloc_topology_set_io_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_IMPORTANT) }
        guard hwloc_topology_load(topology) == 0 else {
            hwloc_topology_destroy(topology)
            throw HardwareProbe.Failure(description: "hwloc_topology_load failed")
        }
        if let set = hwloc_bitmap_alloc() {
            if hwloc_get_cpubind(topology, set, Int32(HWLOC_CPUBIND_PROCESS.rawValue)) == 0 {
                hwloc_topology_restrict(topology, set, 0)
            }
            hwloc_bitmap_free(set)
        }
        raw = topology
    }

    /// A topology from XML, not restricted to what this process may use.
    init(xml: String) throws(HardwareProbe.Failure) {
        var topology: hwloc_topology_t?
        guard hwloc_topology_init(&topology) == 0, let topology else {
            throw HardwareProbe.Failure(description: "hwloc_topology_init failed")
        }
        hwloc_topology_set_io_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_IMPORTANT)
        guard hwloc_topology_set_xmlbuffer(topology, xml, Int32(clamping: xml.utf8.count + 1)) == 0,
            hwloc_topology_load(topology) == 0
        else {
            hwloc_topology_destroy(topology)
            throw HardwareProbe.Failure(description: "not a topology of hwloc")
        }
        raw = topology
    }

    /// The host that the topology was taken on, if it says so.
    var hostName: String? {
        hwloc_obj_get_info_by_name(hwloc_get_root_obj(raw), "HostName").map { String(cString: $0) }
    }

    deinit { hwloc_topology_destroy(raw) }

    func count(of type: hwloc_obj_type_t, orElse other: hwloc_obj_type_t) -> UInt32 {
        let number = hwloc_get_nbobjs_by_type(raw, type)
        return UInt32(max(0, number > 0 ? number : hwloc_get_nbobjs_by_type(raw, other)))
    }

    /// Coprocessors that a job can be given.
    var gpuCount: UInt32 {
        var count: UInt32 = 0
        var object = hwloc_get_next_osdev(raw, nil)
        while let device = object {
            if device.pointee.attr.pointee.osdev.type == HWLOC_OBJ_OSDEV_COPROC, let subtype = device.pointee.subtype {
                let kind = String(cString: subtype)
                if ["CUDA", "OpenCL", "RSMI", "LevelZero"].contains(kind) { count += 1 }
            }
            object = hwloc_get_next_osdev(raw, device)
        }
        return count
    }

    func xml() throws(HardwareProbe.Failure) -> String {
        var buffer: UnsafeMutablePointer<CChar>?
        var length: Int32 = 0
        guard hwloc_topology_export_xmlbuffer(raw, &buffer, &length, 0) == 0, let buffer else {
            throw HardwareProbe.Failure(description: "hwloc_topology_export_xmlbuffer failed")
        }
        defer { hwloc_free_xmlbuffer(raw, buffer) }
        return String(cString: buffer)
    }
}
