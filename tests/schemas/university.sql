-- A university: many-to-many tables whose keys are all foreign, three-way overlaps, a hierarchy of courses,
-- and uniques that leave little room.

CREATE TABLE faculties (
    id smallint PRIMARY KEY,
    name varchar(80) NOT NULL UNIQUE,
    dean_id int UNIQUE
);

CREATE TABLE people (
    id int PRIMARY KEY CHECK (id BETWEEN 100000 AND 9999999),
    given_name varchar(60) NOT NULL,
    family_name varchar(60) NOT NULL,
    login varchar(8) NOT NULL CHECK (login ~ '^[a-z]{2}[a-z0-9]{1,6}$'),
    email varchar(80) NOT NULL,
    date_of_birth date NOT NULL CHECK (date_of_birth < DATE '2009-01-01' AND date_of_birth > DATE '1940-01-01'),
    UNIQUE (login),
    UNIQUE (email)
);

CREATE TABLE professors (
    person_id int PRIMARY KEY REFERENCES people ON DELETE RESTRICT,
    faculty_id smallint NOT NULL REFERENCES faculties,
    rank text NOT NULL CHECK (rank IN ('assistant', 'associate', 'full', 'emeritus')),
    office varchar(10),
    UNIQUE (person_id, faculty_id)
);
-- A dean is a professor of the same faculty. The cycle is broken where dean_id is null.
ALTER TABLE faculties ADD CONSTRAINT dean_is_own FOREIGN KEY (dean_id, id) REFERENCES professors (person_id, faculty_id);

CREATE TABLE programmes (
    id int PRIMARY KEY,
    faculty_id smallint NOT NULL REFERENCES faculties,
    title varchar(120) NOT NULL,
    degree char(3) NOT NULL CHECK (degree IN ('BSC', 'MSC', 'PHD')),
    ects smallint NOT NULL,
    UNIQUE (faculty_id, title, degree),
    CHECK ((degree = 'BSC' AND ects = 180) OR (degree = 'MSC' AND ects = 120) OR (degree = 'PHD' AND ects = 0))
);

CREATE TABLE students (
    person_id int PRIMARY KEY REFERENCES people,
    matriculation_no char(8) NOT NULL UNIQUE CHECK (matriculation_no SIMILAR TO '[1-9][0-9]{7}'),
    programme_id int NOT NULL REFERENCES programmes,
    enrolled_on date NOT NULL,
    graduated_on date,
    grade numeric(2, 1) CHECK (grade >= 1.0 AND grade <= 4.0),
    supervisor_id int REFERENCES professors,
    CONSTRAINT graduates_have_grades CHECK ((graduated_on IS NULL AND grade IS NULL) OR (graduated_on > enrolled_on AND grade IS NOT NULL))
);

CREATE TABLE courses (
    faculty_id smallint NOT NULL REFERENCES faculties,
    course_no varchar(7) NOT NULL CHECK (course_no ~ '^[A-Z]{2,3}[0-9]{3,4}$'),
    title text NOT NULL,
    ects numeric(3, 1) NOT NULL CHECK (ects > 0 AND ects <= 30 AND ects * 2 = trunc(ects * 2)),
    level smallint NOT NULL CHECK (level IN (100, 200, 300, 400)),
    parent_no varchar(7),
    PRIMARY KEY (faculty_id, course_no),
    FOREIGN KEY (faculty_id, parent_no) REFERENCES courses (faculty_id, course_no)
);

CREATE TABLE prerequisites (
    faculty_id smallint NOT NULL,
    course_no varchar(7) NOT NULL,
    needs_faculty_id smallint NOT NULL,
    needs_course_no varchar(7) NOT NULL,
    PRIMARY KEY (faculty_id, course_no, needs_faculty_id, needs_course_no),
    FOREIGN KEY (faculty_id, course_no) REFERENCES courses ON DELETE CASCADE,
    FOREIGN KEY (needs_faculty_id, needs_course_no) REFERENCES courses ON DELETE CASCADE,
    CHECK ((faculty_id, course_no) <> (needs_faculty_id, needs_course_no))
);

CREATE TABLE terms (
    year smallint NOT NULL CHECK (year BETWEEN 1990 AND 2100),
    half char(1) NOT NULL CHECK (half IN ('S', 'W')),
    starts date NOT NULL,
    ends date NOT NULL,
    PRIMARY KEY (year, half),
    CHECK (extract(year FROM starts) = year),
    CHECK (ends - starts BETWEEN 90 AND 200)
);

CREATE TABLE sections (
    faculty_id smallint NOT NULL,
    course_no varchar(7) NOT NULL,
    year smallint NOT NULL,
    half char(1) NOT NULL,
    section_no smallint NOT NULL CHECK (section_no BETWEEN 1 AND 12),
    lecturer_id int,
    capacity int NOT NULL CHECK (capacity > 0 AND capacity <= 800),
    PRIMARY KEY (faculty_id, course_no, year, half, section_no),
    FOREIGN KEY (faculty_id, course_no) REFERENCES courses (faculty_id, course_no),
    FOREIGN KEY (year, half) REFERENCES terms (year, half),
    -- The lecturer belongs to the faculty that holds the course.
    FOREIGN KEY (lecturer_id, faculty_id) REFERENCES professors (person_id, faculty_id)
);

CREATE TABLE enrolments (
    student_id int NOT NULL REFERENCES students,
    faculty_id smallint NOT NULL,
    course_no varchar(7) NOT NULL,
    year smallint NOT NULL,
    half char(1) NOT NULL,
    section_no smallint NOT NULL,
    grade char(1) CHECK (grade IN ('A', 'B', 'C', 'D', 'F')),
    attempt smallint NOT NULL DEFAULT 1 CHECK (attempt >= 1 AND attempt <= 3),
    PRIMARY KEY (student_id, faculty_id, course_no, year, half),
    FOREIGN KEY (faculty_id, course_no, year, half, section_no) REFERENCES sections,
    FOREIGN KEY (year, half) REFERENCES terms
);

CREATE TABLE rooms (
    building char(2) NOT NULL,
    number smallint NOT NULL CHECK (number > 0 AND number < 600),
    seats smallint NOT NULL CHECK (seats >= 4),
    PRIMARY KEY (building, number)
);

CREATE TABLE timetable (
    building char(2) NOT NULL,
    number smallint NOT NULL,
    weekday smallint NOT NULL CHECK (weekday BETWEEN 1 AND 5),
    hour smallint NOT NULL CHECK (hour >= 8 AND hour < 20),
    faculty_id smallint NOT NULL,
    course_no varchar(7) NOT NULL,
    year smallint NOT NULL,
    half char(1) NOT NULL,
    section_no smallint NOT NULL,
    PRIMARY KEY (building, number, year, half, weekday, hour),
    -- A section meets at most once at one hour: a second key over the same columns.
    UNIQUE (faculty_id, course_no, year, half, section_no, weekday, hour),
    FOREIGN KEY (building, number) REFERENCES rooms,
    FOREIGN KEY (faculty_id, course_no, year, half, section_no) REFERENCES sections
);

-- A place in a hall need not be one of the numbered seats; the hall's block has to be there all the same, also where a
-- hall has no seats. What a row may hold depends on a kind that it takes over.
CREATE TABLE halls (
    building char(2) NOT NULL,
    block smallint NOT NULL CHECK (block BETWEEN 1 AND 9),
    kind text NOT NULL CHECK (kind IN ('seated', 'standing', 'online', 'mixed')),
    PRIMARY KEY (building, block),
    UNIQUE (building, block, kind)
);

CREATE TABLE hall_seats (
    building char(2) NOT NULL,
    block smallint NOT NULL,
    seat smallint NOT NULL CHECK (seat > 0),
    PRIMARY KEY (building, block, seat),
    FOREIGN KEY (building, block) REFERENCES halls
);

CREATE TABLE exams (
    id int PRIMARY KEY,
    building char(2) NOT NULL,
    lead_block smallint NOT NULL,
    FOREIGN KEY (building, lead_block) REFERENCES halls
);

CREATE TABLE exam_places (
    exam_id int NOT NULL REFERENCES exams,
    no int NOT NULL,
    building char(2) NOT NULL,
    block smallint NOT NULL,
    kind text NOT NULL,
    seat smallint,
    url text,
    mark text,
    PRIMARY KEY (exam_id, no),
    FOREIGN KEY (building, block) REFERENCES halls,
    FOREIGN KEY (building, block, kind) REFERENCES halls (building, block, kind),
    FOREIGN KEY (building, block, seat) REFERENCES hall_seats,
    CHECK (CASE kind
        WHEN 'standing' THEN mark IS NOT NULL AND url IS NULL
        WHEN 'online' THEN url IS NOT NULL AND mark IS NULL
        ELSE url IS NULL AND mark IS NULL
    END)
);

-- Doors open before the lecture, which the key puts at its hour, and all is over soon after.
CREATE TABLE open_lectures (
    building char(2) NOT NULL,
    block smallint NOT NULL,
    doors timestamptz NOT NULL,
    starts timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    PRIMARY KEY (building, block, starts),
    FOREIGN KEY (building, block) REFERENCES halls,
    CHECK (doors < starts AND starts < ends),
    CHECK (ends - doors <= interval '8 hours')
);

CREATE TABLE lecture_seats (
    building char(2) NOT NULL,
    block smallint NOT NULL,
    starts timestamptz NOT NULL,
    seat smallint,
    guest text NOT NULL,
    FOREIGN KEY (building, block, starts) REFERENCES open_lectures,
    FOREIGN KEY (building, block) REFERENCES halls,
    FOREIGN KEY (building, block, seat) REFERENCES hall_seats
);

-- That a reference has to be there is said of all its columns at once.
CREATE TABLE keys_lent (
    building char(2),
    number smallint,
    lent_to text NOT NULL,
    FOREIGN KEY (building, number) REFERENCES rooms,
    CHECK (building IS NOT NULL AND number IS NOT NULL)
);
