CREATE TABLE doctors (id int PRIMARY KEY, full_name text NOT NULL, specialty text NOT NULL, hired_on date NOT NULL);
CREATE TABLE patients (
    id int PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, sex char(1) NOT NULL CHECK (sex IN ('F', 'M')),
    date_of_birth date NOT NULL, phone text, city text, country text, blood_type text, insured boolean NOT NULL
);
CREATE TABLE appointments (
    id int PRIMARY KEY, patient_id int NOT NULL REFERENCES patients, doctor_id int NOT NULL REFERENCES doctors,
    status text NOT NULL CHECK (status IN ('scheduled', 'completed', 'cancelled', 'no_show')), starts_at timestamptz NOT NULL,
    reason text, fee numeric(8, 2)
);
CREATE TABLE prescriptions (
    id int PRIMARY KEY, appointment_id int NOT NULL REFERENCES appointments, medication text NOT NULL, dosage_mg int NOT NULL,
    prescribed_on date NOT NULL
);
