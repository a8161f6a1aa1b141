/** The user and group that student processes see as their own; the same number as kStudentId in native/supervisor/sandbox.h. */
export const STUDENT_ID = 60_999;
