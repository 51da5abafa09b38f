CREATE TABLE teachers (id int PRIMARY KEY, full_name text NOT NULL, email text NOT NULL UNIQUE, department text NOT NULL);
CREATE TABLE students (
    id int PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, gender text CHECK (gender IN ('female', 'male', 'other')),
    birth_date date NOT NULL, nationality text, gpa numeric(3, 2), enrolled_on date NOT NULL, scholarship boolean NOT NULL
);
CREATE TABLE courses (
    id int PRIMARY KEY, teacher_id int NOT NULL REFERENCES teachers, title text NOT NULL, credits int NOT NULL,
    level text NOT NULL CHECK (level IN ('beginner', 'intermediate', 'advanced'))
);
CREATE TABLE enrollments (
    id int PRIMARY KEY, student_id int NOT NULL REFERENCES students, course_id int NOT NULL REFERENCES courses,
    grade text, score int CHECK (score BETWEEN 0 AND 100), status text NOT NULL CHECK (status IN ('enrolled', 'passed', 'failed', 'dropped')),
    enrolled_at timestamptz NOT NULL
);
