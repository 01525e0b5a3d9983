/// The three orders in which jobs are listed.
public enum JobOrder {
    /// Jobs that wait: highest priority first, then the oldest.
    public static func pending(_ left: JobRecord, _ right: JobRecord) -> Bool {
        left.priority == right.priority ? left.id < right.id : left.priority > right.priority
    }

    /// Jobs with resources: the latest start first, of equal ones the newer.
    public static func running(_ left: JobRecord, _ right: JobRecord) -> Bool {
        left.runTime == right.runTime ? left.id > right.id : left.runTime > right.runTime
    }

    /// Jobs that ended: the latest end first, of equal ones the newer.
    public static func inactive(_ left: JobRecord, _ right: JobRecord) -> Bool {
        left.inactiveTime == right.inactiveTime ? left.id > right.id : left.inactiveTime > right.inactiveTime
    }
}
